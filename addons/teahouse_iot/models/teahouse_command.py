from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso

from ..engine.outbox import FINAL, OPEN, new_id, superkey
from ..engine.protocol import ACTS
from ..tools import db_now

STATES = [
    ("queued", "Queued"),
    ("sent", "Sent"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("rejected", "Rejected"),
    ("expired", "Expired"),
    ("unknown", "No answer"),
    ("cancelled", "Cancelled"),
]
# What the API says of states that a customer has no use for.
API_STATE = {"rejected": "failed", "cancelled": "failed"}
CUSTOMER_GROUPS = "teahouse_base.teahouse_base_group_staff"


class TeahouseCommand(models.Model):
    """Outbox of commands to devices.

    A row is inserted in the transaction of its cause; the gateway claims rows that
    are due, publishes them and closes them by the devices' answers. This side never
    moves a row except to cancel it.
    """

    _name = "teahouse.command"
    _description = "Device command"
    _order = "id desc"
    _rec_name = "act"

    cmd_id = fields.Char(
        string="Command id", required=True, readonly=True, default=lambda s: new_id()
    )
    device_id = fields.Many2one(
        "teahouse.device", required=True, readonly=True, ondelete="cascade", index=True
    )
    store_id = fields.Many2one("teahouse.store", readonly=True, index=True)
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    act = fields.Selection(
        [
            ("unlock", "Unlock"),
            ("say", "Say"),
            ("power", "Power"),
            ("light", "Light"),
            ("ac", "Air conditioning"),
            ("pin_set", "Set PIN"),
            ("pin_del", "Delete PIN"),
            ("key_set", "Set reader keys"),
            ("revoke", "Revoke grant"),
        ],
        string="Action",
        required=True,
        readonly=True,
    )
    args = fields.Json(string="Arguments", readonly=True)
    klass = fields.Selection(
        [("edge", "At once or never"), ("level", "Lasting state")],
        string="Class",
        required=True,
        readonly=True,
    )
    superkey = fields.Char(string="Replaces", readonly=True)
    state = fields.Selection(
        STATES, default="queued", required=True, readonly=True, index=True
    )
    reason = fields.Char(readonly=True)
    source = fields.Selection(
        [
            ("app", "Guest, app"),
            ("scan", "Guest, code"),
            ("guest", "Guest, switch"),
            ("staff", "Staff"),
            ("plan", "Room plan"),
            ("access", "Access rights"),
            ("system", "System"),
        ],
        default="system",
        readonly=True,
    )
    note = fields.Char(string="Reason given", readonly=True)
    plan_key = fields.Char(string="Step of the plan", readonly=True)
    guard = fields.Selection(
        [
            ("none", "None"),
            ("grant", "Grant is live"),
            ("grant_any", "Grant stands"),
            ("booking", "Booking is live"),
            ("idle", "Nobody needs it"),
        ],
        default="none",
        required=True,
        readonly=True,
        help="Checked again in the statement that claims the row.",
    )
    seq = fields.Integer(string="Sequence number", readonly=True)
    booking_id = fields.Many2one(
        "teahouse.booking",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=CUSTOMER_GROUPS,
    )
    grant_id = fields.Many2one(
        "teahouse.grant",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        groups=CUSTOMER_GROUPS,
    )
    member_id = fields.Many2one(
        "teahouse.member", readonly=True, ondelete="set null", groups=CUSTOMER_GROUPS
    )
    user_id = fields.Many2one("res.users", string="Sent by", readonly=True)
    due_at = fields.Datetime(required=True, readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True)
    first_sent_at = fields.Datetime(string="Sent first at", readonly=True)
    sent_at = fields.Datetime(string="Sent last at", readonly=True)
    received_at = fields.Datetime(readonly=True)
    closed_at = fields.Datetime(readonly=True)
    ack_ts = fields.Datetime(string="Device's time", readonly=True)
    tries = fields.Integer(default=0, readonly=True)
    next_try_at = fields.Datetime(readonly=True)
    boot = fields.Char(string="Boot id", readonly=True)
    effects_done = fields.Boolean(default=False, readonly=True)

    _cmd_id_unique = models.Constraint("UNIQUE(cmd_id)", "Command ids are unique.")
    _one_open_unlock = models.UniqueIndex(
        "(device_id) WHERE act = 'unlock' AND state IN ('queued', 'sent')",
        "This door is already being opened.",
    )
    _due = models.Index("(due_at) WHERE state = 'queued'")
    _open = models.Index("(device_id, superkey) WHERE state IN ('queued', 'sent')")
    _effects = models.Index("(id) WHERE NOT effects_done")

    def init(self):
        # An empty wake-up, delivered at commit; the gateway reads the rows itself.
        # A trigger, so that no way of writing a row can forget it.
        self.env.cr.execute(
            """
            ALTER TABLE teahouse_command ALTER effects_done SET DEFAULT false,
                ALTER tries SET DEFAULT 0;
            CREATE OR REPLACE FUNCTION teahouse_command_wake() RETURNS trigger AS $$
            BEGIN
                PERFORM pg_notify('teahouse_command', '');
                RETURN NULL;
            END $$ LANGUAGE plpgsql;
            CREATE OR REPLACE TRIGGER teahouse_command_wake
                AFTER INSERT OR UPDATE OF due_at ON teahouse_command
                FOR EACH STATEMENT EXECUTE FUNCTION teahouse_command_wake();
            """
        )

    @api.model_create_multi
    def create(self, vals_list):
        devices = self.env["teahouse.device"].browse(v["device_id"] for v in vals_list)
        rows = []
        for vals, device in zip(vals_list, devices, strict=True):
            rows.append(
                {
                    **vals,
                    "cmd_id": new_id(),
                    "klass": ACTS[vals["act"]],
                    "superkey": superkey(vals["act"], vals.get("args") or {}),
                    "store_id": device.sudo().store_id.id,
                    "company_id": device.sudo().company_id.id,
                }
            )
        return super().create(rows)

    @api.depends("act", "device_id")
    def _compute_display_name(self):
        labels = dict(self._fields["act"]._description_selection(self.env))
        for command in self:
            command.display_name = (
                f"{command.device_id.name} · {labels.get(command.act, '')}"
            )

    @api.model
    def _insert_unlock(self, row):
        """Write an unlock command, unless one is open for the device.

        :param dict row: a value for each column
        :return: the command, or none
        """
        self.env.cr.execute(
            SQL(
                "INSERT INTO teahouse_command (%s) VALUES %s "
                "ON CONFLICT (device_id) WHERE act = 'unlock' "
                "AND state IN ('queued', 'sent') DO NOTHING RETURNING id",
                SQL(", ").join(SQL.identifier(name) for name in row),
                tuple(row.values()),
            ),
            # Losing a race is no error: whoever called finds the winner.
            log_exceptions=False,
        )
        return self.browse(self.env.cr.fetchone())

    # === CLOSING === #

    @api.model
    def _close_lapsed(self, domain=Domain.TRUE):
        """Close open commands whose time is over, as the gateway's sweep does.

        A never published one is `expired`, a published one without answer `unknown`.
        """
        lapsed = Domain("state", "in", OPEN) & Domain(
            "expires_at", "<", db_now(self.env)
        )
        query = self._search(lapsed & Domain(domain), order="id")
        rows = self.env.execute_query(
            SQL(
                """UPDATE teahouse_command
                      SET state = CASE WHEN tries = 0 THEN 'expired'
                                       ELSE 'unknown' END,
                          reason = CASE WHEN tries = 0 THEN 'not_published'
                                        ELSE 'no_answer' END,
                          closed_at = clock_timestamp() AT TIME ZONE 'UTC'
                    WHERE state IN ('queued', 'sent') AND id IN %s
                RETURNING id""",
                query.subselect(),
            )
        )
        self.invalidate_model(["state", "reason", "closed_at"])
        return self.browse(row[0] for row in rows)

    def _cancel_open(self, reason="cancelled"):
        """Cancel those of these commands that are still open.

        A conditional UPDATE: an answer that came first stands.
        """
        if not self:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE teahouse_command
                      SET state = 'cancelled', reason = %s,
                          closed_at = clock_timestamp() AT TIME ZONE 'UTC'
                    WHERE state IN ('queued', 'sent') AND id IN %s""",
                reason,
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(["state", "reason", "closed_at"])

    # === WHAT THE GATEWAY ASKS === #

    @api.model
    def _secret_args(self, ids):
        """Return the secret arguments of commands, which are not in the outbox.

        :param ids: ids of `pin_set` and `key_set` commands
        :return: {command id: {"pin": text} or {"keys": {ISO date: hex}}}; a command
            whose secret is gone is absent
        """
        result = {}
        for command_sudo in self.sudo().browse(ids):
            if command_sudo.act == "key_set":
                result[command_sudo.id] = {"keys": command_sudo.store_id._day_keys()}
                continue
            key_id = (command_sudo.args or {}).get("key")
            key_sudo = self.env["teahouse.grant.key"].sudo().browse(key_id).exists()
            pin = key_sudo.grant_id.pin
            if pin:
                result[command_sudo.id] = {"pin": pin}
        return result

    # === API === #

    @api.model
    def _api_get(self, cmd_id):
        """Return the state of a command to the member who caused it.

        :param str cmd_id: id that `door/open` or a switch answered
        :raise TeahouseError: not_found, also for somebody else's
        """
        member = self.env["teahouse.member"]._current()
        command_sudo = self.sudo().search([("cmd_id", "=", cmd_id)], limit=1)
        if not (member and command_sudo and command_sudo._caused_by(member)):
            raise TeahouseError("not_found", self.env._("There is no such command."))
        return command_sudo._api_values(member)

    def _caused_by(self, member):
        """Whether the member pressed for this command (two may share one)."""
        self.ensure_one()
        if self.member_id == member:
            return True
        logs_sudo = self.env["teahouse.access.log"].sudo()
        return bool(
            logs_sudo.search_count(
                [("command_id", "=", self.id), ("member_id", "=", member.id)], limit=1
            )
        )

    def _api_values(self, member=None):
        """Return the command as the API shows it.

        Where no door was opened, the member's own PIN goes along.
        """
        self.ensure_one()
        state = API_STATE.get(self.state, self.state)
        lapsed = self.state in OPEN and self.expires_at < db_now(self.env)
        if lapsed:
            # The gateway has not closed it (it may be down): nothing is hidden.
            state = "unknown" if self.tries else "expired"
        values = {
            "command_id": self.cmd_id,
            "action": self.act,
            "state": state,
            "reason": self.reason or (lapsed and "no_gateway") or None,
            "created_at": iso(self.create_date, self.store_id._zone()),
            "pin": None,
        }
        if member and self.act == "unlock" and state in FINAL and state != "done":
            values["pin"] = self._pin_of(member)
        return values

    def _pin_of(self, member):
        bookings = (
            self.booking_id
            | self.env["teahouse.access.log"]
            .sudo()
            .search([("command_id", "=", self.id), ("member_id", "=", member.id)])
            .booking_id
        )
        grants_sudo = self.env["teahouse.grant"].sudo()
        return (
            grants_sudo._live(member=member, bookings=bookings)[:1].pin or None
            if bookings
            else None
        )

    @api.model
    def _gc_closed(self, days=180):
        """Forget closed commands after half a year; the access log stays."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM teahouse_command
                    WHERE effects_done AND state NOT IN ('queued', 'sent')
                      AND create_date < (now() AT TIME ZONE 'UTC')
                                        - %s * interval '1 day'""",
                days,
            )
        )

    @api.autovacuum
    def _autovacuum_closed(self):
        self._gc_closed()
