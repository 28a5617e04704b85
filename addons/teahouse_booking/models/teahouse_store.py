import secrets

from odoo import api, fields, models
from odoo.tools import ormcache

from odoo.addons.field_encrypted.fields import Encrypted

from ..const import DEFAULT_POLICY


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    booking_ids = fields.One2many("teahouse.booking", "store_id", string="Bookings")
    hold_minutes = fields.Integer(
        default=15, help="How long a slot is kept for a customer who has to pay."
    )
    reminder_minutes = fields.Integer(
        string="Reminder", default=60, help="Minutes before the start; 0 for none."
    )
    no_show_minutes = fields.Integer(
        string="No-show after",
        default=60,
        help="Minutes after the start without entry.",
    )
    auto_check_in = fields.Boolean(
        string="Check in at start", help="Use begins at the booked start by itself."
    )
    at_end = fields.Selection(
        [("cut", "End of use"), ("run_on", "Runs on as overtime")],
        string="At the booked end",
        default="cut",
        required=True,
    )
    overtime_max_minutes = fields.Integer(
        string="Longest overtime", default=120, help="Minutes, in stores that run on."
    )
    exit_grace_minutes = fields.Integer(
        string="Grace to leave",
        default=10,
        help="Minutes after the end in which the door still opens.",
    )
    cancel_policy_ids = fields.One2many(
        "teahouse.cancel.policy",
        "store_id",
        string="Cancellation",
        copy=True,
    )
    use_cleaning = fields.Boolean(string="Make cleaning tasks", default=True)
    use_reviews = fields.Boolean(string="Take reviews", default=True)
    use_waitlist = fields.Boolean(
        string="Waiting list",
        default=True,
        help="Guests may wait for a time that is taken.",
    )
    clean_before_entry = fields.Boolean(
        string="Early entry only when clean",
        default=True,
        help="Early entry waits until the cleaning task of the stay before is done.",
    )
    pass_secret = Encrypted(
        string="Pass secret",
        copy=False,
        groups="base.group_system",
        help="Signs the QR passes of this store.",
    )
    closing_ids = fields.One2many("teahouse.closing", "store_id", string="Closed times")
    booking_count = fields.Integer(compute="_compute_booking_count")

    _minutes_positive = models.Constraint(
        """CHECK(hold_minutes > 0 AND no_show_minutes >= 0 AND reminder_minutes >= 0
                 AND overtime_max_minutes >= 0 AND exit_grace_minutes >= 0)""",
        "Minutes cannot be negative, and a hold lasts at least one.",
    )

    @api.model
    def _capability_fields(self):
        return {
            **super()._capability_fields(),
            "cleaning": "use_cleaning",
            "reviews": "use_reviews",
            "waitlist": "use_waitlist",
        }

    @api.model_create_multi
    def create(self, vals_list):
        stores = super().create(vals_list)
        stores._set_up_booking()
        return stores

    def _set_up_booking(self):
        """Give stores that have none a cancellation policy and a pass secret."""
        for store_sudo in self.sudo():
            if not store_sudo.pass_secret:
                store_sudo.pass_secret = secrets.token_hex(32)
            if not store_sudo.cancel_policy_ids:
                store_sudo.cancel_policy_ids = [
                    fields.Command.create({"minutes": minutes, "percent": percent})
                    for minutes, percent in DEFAULT_POLICY
                ]

    def _compute_booking_count(self):
        counts = dict(
            self.env["teahouse.booking"]._read_group(
                [
                    ("store_id", "in", self.ids),
                    ("state", "in", ("confirmed", "in_use")),
                ],
                ["store_id"],
                ["__count"],
            )
        )
        for store in self:
            store.booking_count = counts.get(store, 0)

    def _pass_secret(self):
        """Return the bytes that sign the store's passes; never shown to anyone."""
        self.ensure_one()
        return bytes.fromhex(self.sudo().pass_secret)

    def _policy_snapshot(self):
        """Return the policy in force now: rows of [minutes, percent]."""
        self.ensure_one()
        return [list(row) for row in self._policy_rows()]

    @ormcache("self.id")
    def _policy_rows(self):
        return tuple(
            (row.minutes, row.percent) for row in self.sudo().cancel_policy_ids
        )

    def action_view_bookings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_booking.teahouse_booking_action"
        )
        action["domain"] = [("store_id", "=", self.id)]
        action["context"] = {"default_store_id": self.id}
        return action
