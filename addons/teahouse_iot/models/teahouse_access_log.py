from odoo import api, fields, models

from ..tools import db_now


class TeahouseAccessLog(models.Model):
    """Who opened what, how, and who was refused and why. Never edited by people."""

    _name = "teahouse.access.log"
    _description = "Access log"
    _order = "id desc"
    _rec_name = "at"

    at = fields.Datetime(required=True, readonly=True, index=True)
    store_id = fields.Many2one("teahouse.store", readonly=True, index=True)
    room_id = fields.Many2one("teahouse.room", readonly=True, index=True)
    company_id = fields.Many2one(
        related="store_id.company_id", store=True, precompute=True
    )
    device_id = fields.Many2one("teahouse.device", readonly=True, ondelete="set null")
    booking_id = fields.Many2one(
        "teahouse.booking", readonly=True, index="btree_not_null", ondelete="set null"
    )
    grant_id = fields.Many2one("teahouse.grant", readonly=True, ondelete="set null")
    member_id = fields.Many2one("teahouse.member", readonly=True, ondelete="set null")
    user_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    method = fields.Selection(
        [
            ("app", "App"),
            ("qr", "QR code"),
            ("pin", "PIN"),
            ("staff", "Remote, by staff"),
            ("exit", "Exit button"),
        ],
        required=True,
        readonly=True,
    )
    result = fields.Selection(
        [
            ("pending", "Asked"),
            ("opened", "Opened"),
            ("refused", "Refused"),
            ("failed", "Failed"),
            ("unknown", "No answer"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    settled_at = fields.Datetime(string="Answered at", readonly=True)
    command_id = fields.Many2one(
        "teahouse.command",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.model
    def _log(self, device, method, result, reason=None, **vals):
        """Write one line.

        :param device: the door (may be empty when there is none)
        :param str reason: contract code or the device's code; for staff, what they gave
        """
        return self.sudo().create(
            {
                "at": db_now(self.env),
                "device_id": device.id,
                "store_id": device.store_id.id,
                "room_id": device.room_id.id,
                "method": method,
                "result": result,
                "reason": reason,
                **vals,
            }
        )

    @api.model
    def _log_refusal(self, vals):
        """Write a refusal that survives the rollback of the refused request.

        It is written once the present transaction is over, whichever way it ends,
        through a cursor of its own.

        :param dict vals: values of plain types
        """
        registry, todo = self.env.registry, [vals]

        def write():
            if not todo:
                return
            refusal = todo.pop()
            with registry.cursor() as cr:
                env = api.Environment(cr, api.SUPERUSER_ID, {})
                env["teahouse.access.log"].create(
                    {"at": db_now(env), "result": "refused", **refusal}
                )

        self.env.cr.postrollback.add(write)
        self.env.cr.postcommit.add(write)

    def _settle(self, result, reason):
        """Note how an opening that was asked for ended."""
        vals = {"result": result, "settled_at": db_now(self.env)}
        if reason and result != "opened":
            # What staff gave as their reason is not overwritten by a success.
            vals["reason"] = reason
        self.write(vals)
