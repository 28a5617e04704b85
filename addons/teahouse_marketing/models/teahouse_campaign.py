from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext

from odoo.addons.teahouse_base.tools.timeutil import iso

# Of campaigns that name no store.
DEFAULT_ZONE = "Asia/Shanghai"


class TeahouseCampaign(models.Model):
    """Something that the app tells its guests for a while."""

    _name = "teahouse.campaign"
    _description = "Campaign"
    _inherit = ["mail.thread", "teahouse.days.mixin"]
    _order = "sequence, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    store_ids = fields.Many2many(
        "teahouse.store", string="Stores", check_company=True, help="Empty: all stores."
    )
    date_from = fields.Datetime(
        string="From", required=True, default=fields.Datetime.now
    )
    date_to = fields.Datetime(string="To")
    description = fields.Html(translate=True, sanitize_attributes=True)
    utm_campaign_id = fields.Many2one(
        "utm.campaign",
        string="Tracked as",
        help="Where bookings that come from it count.",
    )
    points_factor = fields.Float(
        string="Points times",
        default=1.0,
        help="Stays that begin while it runs give so many times the points.",
    )
    state = fields.Selection(
        [("coming", "Coming"), ("running", "Running"), ("over", "Over")],
        compute="_compute_state",
        search="_search_state",
    )

    _order_of_times = models.Constraint(
        "CHECK(date_to IS NULL OR date_to > date_from)", "It ends after it begins."
    )

    _factor_range = models.Constraint(
        "CHECK(points_factor >= 1 AND points_factor <= 100)",
        "Points are given once to a hundred times.",
    )

    @api.model
    def _multipliers(self, booking):
        """Return the campaigns (sudo) by which a stay gives more points."""
        company = booking.company_id
        found = self.sudo().search(
            [
                ("points_factor", ">", 1),
                ("company_id", "=", company.id),
                ("date_from", "<=", booking.start),
                "|",
                ("date_to", "=", False),
                ("date_to", ">", booking.start),
                "|",
                ("store_ids", "=", False),
                ("store_ids", "in", booking.store_id.ids),
            ]
        )
        day = booking.store_id._local(booking.start).date()
        kind = self.env["teahouse.tariff"]._catalog(company).calendar(day)
        return found.filtered(
            lambda one: one._engine_days().match(day.weekday(), kind, day)
        )

    @api.depends("date_from", "date_to")
    def _compute_state(self):
        now = fields.Datetime.now()
        for campaign in self:
            if campaign.date_from and campaign.date_from > now:
                campaign.state = "coming"
            elif campaign.date_to and campaign.date_to <= now:
                campaign.state = "over"
            else:
                campaign.state = "running"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        domains = {
            "coming": [("date_from", ">", now)],
            "over": [("date_to", "<=", now)],
            "running": [
                ("date_from", "<=", now),
                "|",
                ("date_to", "=", False),
                ("date_to", ">", now),
            ],
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.model
    def _api_list(self):
        """Return what runs now."""
        found = self.sudo().search([("state", "=", "running")])
        return {"items": [campaign._api_values() for campaign in found]}

    def _api_values(self):
        self.ensure_one()
        zone = ZoneInfo(self.store_ids[:1].tz or DEFAULT_ZONE)
        return {
            "id": self.id,
            "name": self.name,
            "description": html2plaintext(self.description or "").strip(),
            "store_ids": self.store_ids.ids,
            "from": iso(self.date_from, zone),
            "to": iso(self.date_to, zone),
        }
