import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request

from ..tools.masking import mask_phone

_PHONE = re.compile(r"(?<!\d)(?:\+86)?1[3-9]\d{9}(?!\d)")
KEEP_DAYS = 1095


def _masked(value):
    """Return a JSON value with phone numbers masked, to any depth."""
    if isinstance(value, str):
        return _PHONE.sub(lambda match: mask_phone(match[0]), value)
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value


class TeahouseAudit(models.Model):
    """Who did what to which record. Rows are added, and never changed.

    The ORM refuses changes, and so does a trigger of the database; only the
    retention job removes what is older than the setting says.
    """

    _name = "teahouse.audit"
    _description = "Audit trail"
    _order = "id desc"
    _rec_name = "action"
    _log_access = False

    action = fields.Selection(
        "_action_selection", required=True, readonly=True, index=True
    )
    user_id = fields.Many2one(
        "res.users", readonly=True, required=True, ondelete="restrict", index=True
    )
    at = fields.Datetime(
        string="Time", required=True, readonly=True, default=fields.Datetime.now
    )
    ip = fields.Char(string="Address", readonly=True)
    request_id = fields.Char(readonly=True)
    model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(
        string="Record", model_field="model", readonly=True
    )
    record_name = fields.Char(string="Name", readonly=True)
    company_id = fields.Many2one(
        "res.company", readonly=True, index=True, ondelete="restrict"
    )
    store_id = fields.Many2one(
        "teahouse.store", readonly=True, index=True, ondelete="restrict"
    )
    detail = fields.Json(string="Facts", readonly=True)
    detail_text = fields.Text(string="Detail", compute="_compute_detail_text")

    _record = models.Index("(model, res_id)")
    _at = models.Index("(at)")

    @api.model
    def _action_selection(self):
        return sorted(self._action_words().items())

    @api.model
    def _action_words(self):
        """Return what is noted, by its code: words for who reads the trail.

        Addons add theirs; each code in their source has words, by a test.
        """
        return {
            "identity.bind": self.env._("Login bound"),
            "identity.unbind": self.env._("Login unbound"),
            "member.approve": self.env._("Member approved"),
            "member.blacklist": self.env._("Member put on the blacklist"),
            "member.block": self.env._("Member blocked"),
            "member.erase": self.env._("Member forgotten"),
            "member.login": self.env._("Member logged in"),
            "member.logout_everywhere": self.env._("Member logged out everywhere"),
            "member.merge": self.env._("Members merged"),
            "member.password": self.env._("Member's password changed"),
            "member.phone": self.env._("Member's phone number changed"),
            "member.register": self.env._("Member registered"),
            "member.reject": self.env._("Member rejected"),
            "member.reveal": self.env._("Whole phone number looked at"),
            "session.revoke": self.env._("Member's device logged out"),
            "store.team": self.env._("Team of a store changed"),
            "user.activate": self.env._("Employee's login restored"),
            "user.deactivate": self.env._("Employee's login closed"),
            "user.invite": self.env._("Employee invited"),
            "user.login": self.env._("Employee logged in"),
            "user.rights": self.env._("Employee's rights changed"),
            "user.stores": self.env._("Employee's stores changed"),
        }

    @api.depends("detail")
    def _compute_detail_text(self):
        for entry in self:
            pairs = (entry.detail or {}).items()
            entry.detail_text = "\n".join(f"{key}: {value}" for key, value in pairs)

    def init(self):
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION teahouse_audit_append_only() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE'
                   AND current_setting('teahouse.audit_retention', true) = 'on' THEN
                    RETURN OLD;
                END IF;
                RAISE EXCEPTION 'teahouse_audit is append-only'
                    USING ERRCODE = 'insufficient_privilege';
            END $$;
            CREATE OR REPLACE TRIGGER teahouse_audit_append_only
                BEFORE UPDATE OR DELETE ON teahouse_audit
                FOR EACH ROW EXECUTE FUNCTION teahouse_audit_append_only();
            """
        )

    def write(self, vals):
        raise AccessError(self.env._("The audit trail cannot be changed."))

    def unlink(self):
        # pylint: disable-next=no-raise-unlink
        raise AccessError(self.env._("The audit trail cannot be changed."))

    @api.model
    def _log(self, action, record=None, detail=None):
        """Note who did what to which record.

        :param str action: such as ``member.reveal``; stable
        :param record: the record concerned, or None
        :param dict detail: further facts, without secrets; phones are masked
        :return: the entry (sudo)
        """
        values = {
            "action": action,
            "user_id": self.env.uid,
            "ip": request.httprequest.remote_addr if request else False,
            "request_id": getattr(request.dispatcher, "request_id", False)
            if request
            else False,
            "company_id": self.env.company.id,
            "detail": _masked(detail) if detail else False,
        }
        if record:
            record_sudo = record.sudo()
            values |= {
                "model": record._name,
                "res_id": record.id,
                "record_name": self._record_name(record_sudo),
            }
            if record._name == "teahouse.store":
                store = record_sudo
            else:
                has_store = "store_id" in record._fields
                store = record_sudo.store_id if has_store else None
            if store:
                values |= {"store_id": store.id, "company_id": store.company_id.id}
        return self.sudo().create(values)

    @api.model
    def _record_name(self, record_sudo):
        """Return how the trail names a record.

        A member goes by number: the trail outlives the erasure of the person.
        """
        if record_sudo._name == "teahouse.member":
            return self.env._("Member %s", record_sudo.id)
        return _masked(record_sudo.display_name)

    @api.autovacuum
    def _gc_expired(self):
        """Remove what is older than the setting says (days, 0 keeps all)."""
        params = self.env["ir.config_parameter"].sudo()
        days = int(params.get_param("teahouse_base.audit_keep_days", KEEP_DAYS))
        if not days:
            return
        limit = fields.Datetime.now() - timedelta(days=days)
        self.env.cr.execute("SET LOCAL teahouse.audit_retention = 'on'")
        self.env.cr.execute("DELETE FROM teahouse_audit WHERE at < %s", (limit,))
        self.env.cr.execute("SET LOCAL teahouse.audit_retention = 'off'")
        self.invalidate_model()
