from odoo import fields, models

from ..tools.maps import ATTRIBUTION, TILES
from .teahouse_audit import KEEP_DAYS
from .teahouse_notification_sender import KEEP_DAYS as KEEP_MESSAGES


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    teahouse_member_review = fields.Selection(
        [("auto", "At once"), ("manual", "After review by staff")],
        string="New members may book",
        default="auto",
        config_parameter="teahouse_base.member_review",
    )
    teahouse_consent_version = fields.Char(
        string="Version of the terms",
        default="1",
        config_parameter="teahouse_base.consent_version",
    )
    teahouse_audit_keep_days = fields.Integer(
        string="Days to keep the audit trail",
        default=KEEP_DAYS,
        config_parameter="teahouse_base.audit_keep_days",
    )
    teahouse_notification_keep_days = fields.Integer(
        string="Days to keep messages",
        default=KEEP_MESSAGES,
        config_parameter="teahouse_base.notification_keep_days",
    )
    teahouse_member_keep_months = fields.Integer(
        string="Months after which members are forgotten",
        config_parameter="teahouse_base.member_keep_months",
        help="Members who were not seen for so long are erased, unless they owe "
        "something or something is owed to them. Zero: never.",
    )
    teahouse_sms_limits_phone = fields.Char(
        string="Codes by phone",
        default="60:1,3600:5,86400:10",
        config_parameter="teahouse_base.sms_limits_phone",
        help="Seconds and most codes within: 60:1,3600:5 is one a minute, 5 an hour.",
    )
    teahouse_sms_per_address_hour = fields.Integer(
        string="Codes by address and hour",
        default=10,
        config_parameter="teahouse_base.sms_per_address_hour",
    )
    teahouse_sms_per_day = fields.Integer(
        string="Codes a day in all",
        default=5000,
        config_parameter="teahouse_base.sms_per_day",
    )
    teahouse_sms_per_address_hour_checked = fields.Integer(
        string="Codes by address and hour, with a check",
        default=100,
        config_parameter="teahouse_base.sms_per_address_hour_checked",
    )
    teahouse_human_check = fields.Selection(
        [("proof_of_work", "The device computes for a second"), ("none", "None")],
        string="Check beyond the limit of an address",
        default="proof_of_work",
        config_parameter="teahouse_base.human_check",
        help="Many people share one address of a mobile network: beyond its limit each "
        "code costs a check.",
    )
    teahouse_map_tiles = fields.Char(
        string="Pictures of maps",
        default=TILES,
        config_parameter="teahouse_base.map_tiles",
        help="Address with {z}, {x}, {y} of a service that you may use.",
    )
    teahouse_map_system = fields.Selection(
        [("wgs84", "WGS-84 (OpenStreetMap)"), ("gcj02", "GCJ-02 (AMap, Tencent)")],
        string="Their coordinates",
        default="wgs84",
        config_parameter="teahouse_base.map_system",
    )
    teahouse_map_attribution = fields.Char(
        string="Shown on them",
        default=ATTRIBUTION,
        config_parameter="teahouse_base.map_attribution",
    )
