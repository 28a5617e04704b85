from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

OPEN_STATES = ("hold", "confirmed")
#: What the back office may write; the rest follows from its bookings.
FREE_FIELDS = {"name", "note"}


class TeahouseBookingGroup(models.Model):
    """Bookings that were made as one: a series, or all rooms of a store at once.

    Each of them is a booking like any other, with its own price and settlement.
    """

    _name = "teahouse.booking.group"
    _description = "Group of bookings"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(
        [("series", "Series"), ("whole_store", "Whole store")],
        required=True,
        readonly=True,
    )
    store_id = fields.Many2one(
        "teahouse.store", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True, index=True)
    member_id = fields.Many2one("teahouse.member", readonly=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    note = fields.Text()
    booking_ids = fields.One2many("teahouse.booking", "group_id", readonly=True)
    booking_count = fields.Integer(compute="_compute_figures")
    open_count = fields.Integer(string="Still to come", compute="_compute_figures")
    first_start = fields.Datetime(
        string="From", compute="_compute_span", store=True, index=True
    )
    last_end = fields.Datetime(string="Until", compute="_compute_span", store=True)

    @api.depends("booking_ids.state")
    def _compute_figures(self):
        for group in self:
            group.booking_count = len(group.booking_ids)
            group.open_count = len(group._open())

    @api.depends("booking_ids.start", "booking_ids.end")
    def _compute_span(self):
        for group in self:
            group.first_start = min(group.booking_ids.mapped("start"), default=False)
            group.last_end = max(group.booking_ids.mapped("end"), default=False)

    def write(self, vals):
        own = {n for n in vals if "teahouse_booking" in self._fields[n]._modules}
        if not self.env.su and own - FREE_FIELDS:
            raise TeahouseError(
                "forbidden", self.env._("Use the buttons of the bookings.")
            )
        return super().write(vals)

    def _open(self):
        """Return the bookings that can still be cancelled."""
        return self.booking_ids.filtered(lambda one: one.state in OPEN_STATES)

    @api.model
    def _make(self, vals, slots, stay, waive=frozenset()):
        """Make bookings as one: all of them, or none.

        :param dict vals: of the group
        :param list slots: (room, start, end, people), naive UTC
        :param dict stay: values that all bookings share
        :param waive: codes of rules that do not count
        :return: the group (sudo)
        :raise TeahouseError: slot_taken, invalid_request, outside_window
        """
        bookings_sudo = self.env["teahouse.booking"].sudo()
        for room, start, end, people in slots:
            bookings_sudo._check_bookable(room, start, end, people, waive)
        with self.env.cr.savepoint():
            group_sudo = self.sudo().create(vals)
            made = bookings_sudo.create(
                [
                    {
                        **stay,
                        "room_id": room.id,
                        "start": start,
                        "end": end,
                        "people": people,
                        "group_id": group_sudo.id,
                    }
                    for room, start, end, people in slots
                ]
            )
            for booking_sudo in made:
                booking_sudo._log_step("book", "staff")
                booking_sudo._on_held()
                booking_sudo._try_confirm()
        return group_sudo

    def action_confirm(self):
        """Confirm all holds of a group at the counter, whatever is still missing."""
        self.booking_ids.filtered(lambda one: one.state == "hold").action_confirm()

    def action_cancel(self, by, reason, since=None):
        """Cancel what is still to come of a group (one), all of it or none.

        :param str by: customer, as the policy says; store, all money goes back
        :param since: only what begins from this instant on, naive UTC
        :return: the bookings that were cancelled
        """
        self.ensure_one()
        now = fields.Datetime.now()
        going = self._open().filtered(
            lambda one: (
                (not since or one.start >= since)
                and (by == "store" or one.state == "hold" or one.start > now)
            )
        )
        if not going:
            raise TeahouseError(
                "invalid_state", self.env._("Nothing of it can be cancelled any more.")
            )
        going.action_cancel(by, reason)
        return going

    def action_view_bookings(self):
        """Open the bookings of the group."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_booking.teahouse_booking_action"
        )
        return {**action, "domain": [("group_id", "=", self.id)], "context": {}}


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    group_id = fields.Many2one(
        "teahouse.booking.group",
        string="Made with",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
