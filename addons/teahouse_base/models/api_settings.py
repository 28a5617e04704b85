from odoo import fields, models

from ..api.cors import ORIGINS_PARAMETER
from .api_limit import DEFAULTS, PARAMETER


def _limit(name, label):
    return fields.Integer(
        string=label,
        config_parameter=PARAMETER % name,
        default=DEFAULTS[name],
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    teahouse_api_cors_origins = fields.Char(
        string="Origins",
        config_parameter=ORIGINS_PARAMETER,
        help="Web origins that may call the API, separated by commas. None if empty.",
    )
    teahouse_limit_read_address = _limit("read_address", "Looks by address")
    teahouse_limit_read_member = _limit("read_member", "Looks by member")
    teahouse_limit_write_address = _limit("write_address", "Changes by address")
    teahouse_limit_write_member = _limit("write_member", "Changes by member")
    teahouse_limit_auth_address = _limit("auth_address", "Logins by address")
    teahouse_limit_auth_member = _limit("auth_member", "Logins by member")
