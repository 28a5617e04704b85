from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class TeahouseChargeLine(models.Model):
    """Goods that were ordered to a room: who brings them, and when they came."""

    _inherit = "teahouse.charge.line"

    delivery_state = fields.Selection(
        [("waiting", "To bring"), ("done", "Brought"), ("cancelled", "Taken back")],
        string="Delivery",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    delivered_at = fields.Datetime(string="Brought on", readonly=True, copy=False)
    delivered_by_id = fields.Many2one(
        "res.users", string="Brought by", readonly=True, copy=False
    )

    def _check_staff(self):
        """Let only staff of the store pass.

        :raise AccessError: others
        """
        self.check_access("read")
        if not self.env.user.has_group("teahouse_base.teahouse_base_group_staff"):
            raise AccessError(self.env._("Goods are brought by staff."))

    def action_delivered(self):
        """Note that the goods are in the room."""
        self._check_staff()
        for line in self.filtered(lambda line: line.delivery_state == "waiting"):
            line.sudo().write(
                {
                    "delivery_state": "done",
                    "delivered_at": fields.Datetime.now(),
                    "delivered_by_id": self.env.uid,
                }
            )

    def action_take_back(self):
        """Take goods off the bill that were never brought.

        :raise UserError: they were brought, or stand on an invoice
        """
        self._check_staff()
        for line in self:
            booking_sudo = line.sudo().booking_id
            booking_sudo._lock_money()
            if line.delivery_state != "waiting" or line.sudo()._is_invoiced():
                raise UserError(
                    self.env._("%s was brought or invoiced already.", line.name)
                )
            line_sudo = line.sudo()
            line_sudo._void(self.env._("Not brought"))
            line_sudo.delivery_state = "cancelled"
            self.env["teahouse.audit"]._log(
                "goods.take_back", booking_sudo, {"name": line.name}
            )
            booking_sudo._refund_surplus(self.env._("Not brought"))


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _order_goods(self, quantities):
        """Override to tell the staff of the store what to bring."""
        lines = super()._order_goods(quantities)
        lines.delivery_state = "waiting"
        staff = self.env.ref("teahouse_base.teahouse_base_group_staff").all_user_ids
        self.env["teahouse.notification"].sudo()._notify(
            staff & self.store_id.sudo().user_ids,
            "goods_ordered",
            {
                "ref": self.ref,
                "store": self.store_id.name,
                "room": self.room_id.name,
                "goods": ", ".join(
                    f"{line.name} × {line.quantity:g}" for line in lines
                ),
            },
            f"goods-{max(lines.ids)}",
        )
        return lines
