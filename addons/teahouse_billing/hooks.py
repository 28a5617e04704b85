"""What uninstalling has to do."""


def uninstall_hook(env):
    """Let go of what others refer to, so that the rest can be removed.

    Books stay as they are: the analytic plans that entries stand under, and the partner
    who carries the invoices of unknown guests, are no longer ours. Messages go with
    their templates.
    """
    templates = _ours(env, "teahouse.notification.template")
    messages = env["teahouse.notification"].sudo()
    messages.search([("template_id", "in", templates.ids)]).unlink()
    plans = _ours(env, "account.analytic.plan").filtered("account_ids")
    partners = _ours(env, "res.partner").filtered(
        lambda partner: (
            env["account.move.line"]
            .sudo()
            .search_count([("partner_id", "=", partner.id)], limit=1)
        )
    )
    _disown(env, plans)
    _disown(env, partners)


def _data(env, model):
    names = env["ir.model.data"].sudo()
    return names.search([("module", "=", "teahouse_billing"), ("model", "=", model)])


def _ours(env, model):
    """Return the records of a model that this addon has brought."""
    return env[model].sudo().browse(_data(env, model).mapped("res_id")).exists()


def _disown(env, records):
    names = _data(env, records._name)
    names.filtered(lambda name: name.res_id in records.ids).unlink()
