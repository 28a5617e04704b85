from odoo import api, fields, models

from odoo.addons.field_encrypted.keyring import keyring

from ..tools import db_now, epoch, seconds


class TeahouseGrantKey(models.Model):
    """A grant's PIN in one lock. The id of the row is the slot number."""

    _name = "teahouse.grant.key"
    _description = "PIN in a lock"
    _order = "id desc"

    grant_id = fields.Many2one(
        "teahouse.grant", required=True, ondelete="cascade", index=True
    )
    device_id = fields.Many2one(
        "teahouse.device", required=True, ondelete="cascade", index=True
    )
    slot = fields.Integer(readonly=True, index=True)
    state = fields.Selection(
        [
            ("pending", "On its way"),
            ("set", "In the lock"),
            ("failed", "Refused by the lock"),
            ("removing", "Being removed"),
            ("removed", "Removed"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )

    pin_mac = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    opens_from = fields.Datetime(readonly=True, help="As it was last sent.")
    opens_to = fields.Datetime(readonly=True, help="As it was last sent.")

    _slot_unique = models.Constraint(
        "UNIQUE(device_id, slot)", "A slot of a lock holds one PIN."
    )
    # Who enters a PIN is one person: the log says so, and the door believes it.
    _pin_unique = models.Constraint(
        """EXCLUDE USING gist (
               device_id WITH =, pin_mac WITH =, tsrange(opens_from, opens_to) WITH &&
           ) WHERE (state IN ('pending', 'set', 'failed'))""",
        "Another guest has this PIN at that lock.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        keys = super().create(vals_list)
        for key in keys:
            # Never reused, so an answer that comes late can only mean this PIN.
            key.slot = key.id
        return keys

    def _push(self):
        """Send the PIN with its window to the lock; replaces an earlier push."""
        for key in self:
            grant = key.grant_id
            mac = keyring().mac("PIN of a lock", grant.pin.encode()).hex()
            key.sudo().write(
                {
                    "state": "pending",
                    "pin_mac": mac,
                    "opens_from": grant.valid_from,
                    "opens_to": grant.valid_to,
                }
            )
            key.device_id._issue(
                "pin_set",
                {
                    "slot": key.slot,
                    "from": epoch(grant.valid_from),
                    "to": epoch(grant.valid_to),
                    "key": key.id,
                },
                expires_at=grant.valid_to,
                guard="grant_any",
                source="access",
                grant_id=grant.id,
                booking_id=grant.booking_id.id,
            )

    def _withdraw(self):
        """Take the PIN out of the lock, however long the lock is away."""
        for key in self.filtered(lambda key: key.state not in ("removing", "removed")):
            key.state = "removing"
            key.device_id._issue(
                "pin_del",
                {"slot": key.slot},
                expires_at=max(key.grant_id.valid_to, db_now(self.env))
                + seconds(7 * 86400),
                source="access",
                grant_id=key.grant_id.id,
                booking_id=key.grant_id.booking_id.id,
            )
