import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError

PICK_UP_DIGITS = 8


class TeahouseGift(models.Model):
    """Something that members get for points and pick up in a store."""

    _name = "teahouse.gift"
    _description = "Gift for points"
    _inherit = ["image.mixin"]
    _order = "sequence, points, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    store_ids = fields.Many2many(
        "teahouse.store",
        string="Picked up at",
        check_company=True,
        help="Empty: all stores.",
    )
    description = fields.Text(translate=True)
    points = fields.Integer(required=True)
    stock = fields.Integer(required=True, default=0, help="What is left to give.")
    member_limit = fields.Integer(
        string="Each member", default=0, help="Most that one member gets; zero: any."
    )
    order_ids = fields.One2many("teahouse.gift.order", "gift_id")
    given_count = fields.Integer(compute="_compute_given_count", string="Given")

    _values = models.Constraint(
        "CHECK(points > 0 AND stock >= 0 AND member_limit >= 0)",
        "A gift costs points, and its stock never falls below zero.",
    )

    def _compute_given_count(self):
        counts = dict(
            self.env["teahouse.gift.order"]._read_group(
                [("gift_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["gift_id"],
                ["__count"],
            )
        )
        for gift in self:
            gift.given_count = counts.get(gift, 0)

    @api.model
    def _api_list(self):
        """Return the gifts, dear and cheap."""
        found = self.sudo().search([])
        return {
            "items": [
                {
                    "id": gift.id,
                    "name": gift.name,
                    "description": gift.description or "",
                    "points": gift.points,
                    "stock": gift.stock,
                    "store_ids": gift.store_ids.ids,
                    "image": gift._image_url(),
                }
                for gift in found
            ]
        }

    def _image_url(self):
        """Return a small picture as data, None without one."""
        self.ensure_one()
        if not self.image_128:
            return None
        return f"data:image/png;base64,{self.image_128.decode()}"

    def _api_redeem(self, gift_id):
        """Give the current member a gift for points.

        :raise TeahouseError: not_found, invalid_state
        """
        gift_sudo = self.sudo().search([("id", "=", gift_id)])
        if not gift_sudo:
            raise TeahouseError("not_found", self.env._("There is no such gift."))
        member = self.env["teahouse.member"]._current()
        return gift_sudo._redeem(member)._api_values()

    def _redeem(self, member):
        """Take one off the stock and the points off the member's card.

        :raise TeahouseError: invalid_state
        """
        self.ensure_one()
        member._lock_membership()
        orders = self.env["teahouse.gift.order"].sudo()
        had = orders.search_count(
            [
                ("gift_id", "=", self.id),
                ("member_id", "=", member.id),
                ("state", "!=", "cancelled"),
            ]
        )
        if self.member_limit and had >= self.member_limit:
            self._refuse(self.env._("You have had this gift."))
        if member._points_card().points < self.points:
            self._refuse(self.env._("Not enough points."))
        self._move_stock(-1)
        order = orders.create(
            {
                "gift_id": self.id,
                "member_id": member.id,
                "company_id": self.company_id.id,
                "points": self.points,
            }
        )
        moved = member._points_card()._teahouse_move(-self.points, self.name, order)
        if moved != -self.points:
            self._refuse(self.env._("Not enough points."))
        return order

    def _refuse(self, message):
        raise TeahouseError("invalid_state", message)

    def _move_stock(self, change):
        """Change the stock; the last one is given once."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE teahouse_gift SET stock = stock + %(change)s
                    WHERE id = %(id)s AND stock + %(change)s >= 0 RETURNING id""",
                change=change,
                id=self.id,
            ),
            log_exceptions=False,
        )
        moved = self.env.cr.fetchall()
        self.invalidate_recordset(["stock"])
        if not moved:
            self._refuse(self.env._("This gift is gone."))


class TeahouseGiftOrder(models.Model):
    """A gift that waits to be picked up, or was."""

    _name = "teahouse.gift.order"
    _description = "Gift order"
    _order = "id desc"
    _rec_name = "code"

    gift_id = fields.Many2one(
        "teahouse.gift", required=True, readonly=True, ondelete="restrict", index=True
    )
    member_id = fields.Many2one(
        "teahouse.member", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    code = fields.Char(
        string="Pick-up code",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._new_code(),
    )
    points = fields.Integer(readonly=True)
    state = fields.Selection(
        [("open", "To pick up"), ("picked", "Picked up"), ("cancelled", "Cancelled")],
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    picked_at = fields.Datetime(string="Picked up on", readonly=True)
    picked_by_id = fields.Many2one("res.users", string="Given by", readonly=True)

    _code_unique = models.UniqueIndex(
        "(code) WHERE state = 'open'", "The code exists already."
    )

    @api.model
    def _new_code(self):
        return "".join(secrets.choice("0123456789") for _i in range(PICK_UP_DIGITS))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Gift orders are cancelled, not deleted."))

    def _take(self, state):
        """Move open orders on; of two at once the second finds it done."""
        self.check_access("read")
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE teahouse_gift_order SET state = %s
                    WHERE id IN %s AND state = 'open' RETURNING id""",
                state,
                tuple(self.ids),
            ),
            log_exceptions=False,
        )
        moved = self.sudo().browse([row[0] for row in self.env.cr.fetchall()])
        self.invalidate_recordset()
        return moved

    def action_pick_up(self):
        """Note that staff handed the gifts over."""
        moved = self._take("picked")
        if len(moved) != len(self):
            raise UserError(self.env._("This gift was picked up or cancelled before."))
        moved.write({"picked_at": fields.Datetime.now(), "picked_by_id": self.env.uid})

    def action_cancel(self):
        """Give the points back and the gift to the stock."""
        for order in self._take("cancelled"):
            order.gift_id._move_stock(1)
            order.member_id._points_card(create=True)._teahouse_move(
                order.points, order.gift_id.name, order, "returned"
            )

    @api.model
    def _api_mine(self):
        """Return the current member's gifts."""
        member = self.env["teahouse.member"]._current()
        found = self.sudo().search([("member_id", "=", member.id)], limit=100)
        return {"items": [order._api_values() for order in found]}

    def _api_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "gift": self.gift_id.name,
            "code": self.code,
            "points": self.points,
            "state": self.state,
        }
