from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models

from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive


class TeahouseTariffSimulator(models.TransientModel):
    """What would it cost? The offers that a customer would get."""

    _name = "teahouse.tariff.simulator"
    _description = "Price simulator"

    room_id = fields.Many2one("teahouse.room", required=True)
    member_id = fields.Many2one("teahouse.member", help="A visitor where it is empty.")
    start = fields.Datetime(required=True, default=lambda self: self._default_start())
    end = fields.Datetime(
        required=True, default=lambda self: self._default_start() + timedelta(hours=2)
    )
    sold_at = fields.Datetime(
        string="Booked at", help="Shows versions that are not sold yet; now if empty."
    )
    result = fields.Html(compute="_compute_result", sanitize=False)

    @api.model
    def _default_start(self):
        now = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        return now + timedelta(hours=1)

    @api.depends("room_id", "member_id", "start", "end", "sold_at")
    def _compute_result(self):
        for wizard in self:
            wizard.result = False
            if wizard.room_id and wizard.start and wizard.end:
                wizard.result = wizard._show_offers()

    def _show_offers(self):
        self.ensure_one()
        if self.end <= self.start:
            return Markup('<p class="text-danger">%s</p>') % self.env._(
                "The end lies after the start."
            )
        self.room_id.check_access("read")
        tariffs = self.env["teahouse.tariff"]
        start, end = (t.replace(second=0) for t in (self.start, self.end))
        room = self.room_id._origin or self.room_id
        offers = tariffs._quote(
            room, start, end, self.member_id._origin, self.sold_at or None
        )
        if not offers:
            return Markup('<p class="text-warning">%s</p>') % tariffs._no_tariff()
        return Markup().join(
            self._show_offer(room, offer, first=not i) for i, offer in enumerate(offers)
        )

    def _show_offer(self, room, offer, first):
        """Return an offer with its lines; the first is what is charged by itself."""
        currency = room.company_id.currency_id
        discount = self.env["teahouse.tariff"]._member_discount(
            self.member_id._origin, room, offer
        )
        lines = [
            (
                line.name,
                self._times(room, line.start, line.end),
                self.env._("%s min", line.minutes),
                float(line.amount),
            )
            for line in offer.lines
        ]
        if discount:
            lines.append((self.env._("Member price"), "", "", -float(discount)))
        rows = Markup().join(
            Markup(
                '<tr><td>%s</td><td>%s</td><td class="text-end">%s</td>'
                '<td class="text-end">%s</td></tr>'
            )
            % (name, times, length, currency.format(amount))
            for name, times, length, amount in lines
        )
        return Markup(
            '<div class="mb-3"><h4>%s <span class="float-end">%s</span></h4>'
            '<table class="table table-sm mb-0"><tbody>%s</tbody></table>'
            '<span class="text-muted small">%s</span></div>'
        ) % (
            f"✓ {offer.name}" if first else offer.name,
            currency.format(float(offer.amount - discount)),
            rows,
            self.env._("Paid until %s", self._time(room, offer.billed_end)),
        )

    def _time(self, room, instant):
        local = room.sudo().store_id._local(to_utc_naive(instant))
        return f"{local:%Y-%m-%d %H:%M}"

    def _times(self, room, start, end):
        return f"{self._time(room, start)} – {self._time(room, end)}"
