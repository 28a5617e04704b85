"""Odoo shell script: a restored database does nothing again that was done already."""

if "teahouse.restore" in env:  # noqa: F821
    env["teahouse.restore"]._after_restore()  # noqa: F821
    env.cr.commit()  # noqa: F821
result(True)  # noqa: F821
