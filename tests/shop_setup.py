"""Odoo shell script: both providers for the demo's company, and stays that run on."""

company = env.ref("base.main_company")  # noqa: F821
journal = env["account.journal"].search(  # noqa: F821
    [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
)
found = {}
for method, code in (("wechat", "wechatpay"), ("alipay", "alipay")):
    provider = env["payment.provider"].search(  # noqa: F821
        [("code", "=", code), ("company_id", "=", company.id)], limit=1
    )
    own = journal.copy({"name": code, "code": f"T{code[:3].upper()}"})
    values = {**arguments[code], "teahouse_fee_percent": 0.6}  # noqa: F821
    provider.write({**values, "state": "enabled", "is_published": False})
    provider.journal_id = own
    provider.payment_method_ids.active = True
    found[method] = provider.id

env["teahouse.store"].search([]).write({"at_end": "run_on"})  # noqa: F821
# One stay in some hundreds would meet the demo's repair of a room.
env["teahouse.closing"].search([]).unlink()  # noqa: F821
jobs = [
    "payment_wechatpay.cron_sync",
    "payment_alipay.cron_sync",
    "teahouse_billing.cron_close_attempts",
    "payment.cron_post_process_payment_tx",
    "teahouse_billing.cron_send_refunds",
    "teahouse_billing.cron_settle",
]
env.cr.commit()  # noqa: F821
rooms = env["teahouse.room"].search([])  # noqa: F821
result(  # noqa: F821
    {
        **found,
        "jobs": [env.ref(name).id for name in jobs],  # noqa: F821
        "rooms": [[room.id, room.store_id.id] for room in rooms],
    }
)
