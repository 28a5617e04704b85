from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import NO_ACCESS, Domain
from odoo.http import request

from odoo.addons.field_encrypted.fields import Encrypted

from ..exceptions import TeahouseError
from ..tools.masking import mask_phone
from ..tools.phone import normalise_phone
from ..tools.timeutil import iso

# Changed by the verbs of this model only.
PROTECTED = {"user_id", "state", "active", "consent_version", "consent_at"}


class TeahouseMember(models.Model):
    """A customer: a portal user with an opaque login, known by an encrypted phone."""

    _name = "teahouse.member"
    _description = "Member"
    _inherit = ["mail.thread", "field.encrypted.mixin"]
    _order = "id desc"

    user_id = fields.Many2one(
        "res.users", required=True, readonly=True, copy=False, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        related="user_id.partner_id", store=True, index=True, string="Contact"
    )
    name = fields.Char(
        string="Nickname",
        compute="_compute_name",
        inverse="_inverse_name",
        store=True,
        compute_sudo=True,
    )
    active = fields.Boolean(default=True)
    phone = Encrypted(
        string="Phone (whole)",
        blind_index="phone_index",
        groups=NO_ACCESS,
        copy=False,
        help="E.164. Shown masked; the whole number needs a right and leaves a trace.",
    )
    phone_index = fields.Char(groups=NO_ACCESS, readonly=True, copy=False)
    phone_masked = fields.Char(
        string="Phone", compute="_compute_phone_masked", compute_sudo=True
    )
    phone_search = fields.Char(
        string="Whole phone number",
        compute="_compute_phone_search",
        search="_search_phone_search",
        help="Finds the member of a number that one knows.",
    )
    state = fields.Selection(
        [
            ("pending", "To review"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("blocked", "Blocked"),
        ],
        default="approved",
        required=True,
        readonly=True,
        tracking=True,
        copy=False,
        index=True,
    )
    state_reason = fields.Char(
        string="Reason", tracking=True, help="The member is told this."
    )
    consent_version = fields.Char(readonly=True)
    consent_at = fields.Datetime(string="Consent on", readonly=True)
    lang = fields.Selection(related="user_id.lang", string="Language")
    birthday = fields.Date(groups="teahouse_base.teahouse_base_group_staff")
    gender = fields.Selection(
        [("female", "Female"), ("male", "Male"), ("other", "Other")],
        groups="teahouse_base.teahouse_base_group_staff",
    )
    avatar = fields.Image(max_width=512, max_height=512)
    blacklist_ids = fields.One2many("teahouse.blacklist", "member_id")
    identity_ids = fields.One2many("teahouse.identity", "member_id")
    session_ids = fields.One2many("teahouse.session", "member_id")

    channel_sms = fields.Boolean(string="By SMS", default=True)
    channel_mail = fields.Boolean(string="By mail", default=True)
    channel_wechat = fields.Boolean(string="By WeChat", default=True)
    quiet_from = fields.Float(default=22.0, help="Local clock, hours.")
    quiet_to = fields.Float(
        default=8.0, help="Local clock, hours. Equal to the beginning: never quiet."
    )

    _user_unique = models.Constraint("UNIQUE(user_id)", "A user is one member.")
    _phone_unique = models.UniqueIndex(
        "(phone_index) WHERE phone_index IS NOT NULL",
        "This phone number belongs to another member.",
    )
    _quiet_hours = models.Constraint(
        "CHECK(quiet_from >= 0 AND quiet_from < 24"
        " AND quiet_to >= 0 AND quiet_to < 24)",
        "Quiet hours lie between 00:00 and 24:00.",
    )

    @api.depends("partner_id.name")
    def _compute_name(self):
        for member in self:
            member.name = member.partner_id.name

    def _inverse_name(self):
        for member_sudo in self.sudo():
            member_sudo.partner_id.name = member_sudo.name

    @api.depends("phone")
    def _compute_phone_masked(self):
        for member in self:
            member.phone_masked = mask_phone(member.phone)

    def _compute_phone_search(self):
        self.phone_search = False

    def _search_phone_search(self, operator, value):
        if operator not in ("in", "=", "ilike", "like"):
            return NotImplemented
        values = [value] if isinstance(value, str) else value
        normal = [normalise_phone(item) for item in values]
        found = self.sudo()._search([("phone", "in", [n for n in normal if n])])
        return Domain("id", "in", found if any(normal) else [])

    @api.depends("name", "phone")
    def _compute_display_name(self):
        for member in self:
            name, mask = member.name or "", member.phone_masked
            member.display_name = f"{name} ({mask})" if mask and mask != name else name

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._normalise(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and (protected := sorted(PROTECTED & vals.keys())):
            raise AccessError(
                self.env._("%s of a member is not changed by hand.", protected[0])
            )
        self._normalise(vals)
        return super().write(vals)

    @api.model
    def _normalise(self, vals):
        if vals.get("phone"):
            normal = normalise_phone(vals["phone"])
            if not normal:
                raise ValidationError(
                    self.env._("This is not a mobile number of mainland China.")
                )
            vals["phone"] = normal

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise ValidationError(
            self.env._("A member is erased, which keeps the books, not deleted.")
        )

    # Review

    def action_approve(self):
        """Let the members book."""
        self._set_state("approved", "member.approve")

    def action_reject(self):
        """Turn a registration down; the reason must be given first."""
        self._require_reason()
        self._set_state("rejected", "member.reject")

    def action_block(self):
        """Keep the members from booking anywhere; the reason must be given first."""
        self._require_reason()
        self._set_state("blocked", "member.block")

    def _require_reason(self):
        if not all(member.state_reason for member in self):
            raise ValidationError(self.env._("Give the reason first."))

    def _set_state(self, state, action):
        self.check_access("write")
        for member in self.filtered(lambda member: member.state != state):
            old = member.state
            vals = {"state": state}
            if state == "approved":
                vals["state_reason"] = False
            member.sudo().write(vals)
            self.env["teahouse.audit"]._log(
                action, member, {"from": old, "reason": member.state_reason or ""}
            )
            self.env["teahouse.notification"]._notify(
                member,
                f"member_{state}",
                {"reason": member.state_reason or ""},
                event_key=f"member-{state}-{member.id}-{fields.Datetime.now()}",
            )

    def action_view_notifications(self):
        """Open what was sent to the member, on each channel, and how it went."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_base.teahouse_notification_action"
        )
        action["domain"] = [("member_id", "=", self.id)]
        action["context"] = {}
        return action

    # Looking up

    @api.model
    def _find_by_phone(self, phone):
        """Return the member (sudo) with this phone number, or an empty recordset."""
        normal = normalise_phone(phone)
        if not normal:
            return self.browse().sudo()
        return self.sudo().search([("phone", "=", normal)], limit=1)

    @api.model
    def _current(self):
        """Return the member (sudo) behind the user of this environment, or none."""
        identity = getattr(request, "teahouse_session", None) if request else None
        if identity and identity.user_id == self.env.uid:
            return self.sudo().browse(identity.member_id)
        if self.env.user._is_public():
            return self.browse().sudo()
        return self.sudo().search([("user_id", "=", self.env.uid)], limit=1)

    def _check_can_book(self, store):
        """Refuse members who may not book in a store.

        :raise TeahouseError: forbidden, telling the member why
        """
        self.ensure_one()
        member_sudo = self.sudo()
        refusals = {
            "pending": self.env._("Your registration is still being reviewed."),
            "rejected": self.env._("Your registration was turned down."),
            "blocked": self.env._("Your membership is blocked."),
        }
        message = refusals.get(member_sudo.state)
        if message and member_sudo.state_reason:
            message = f"{message} {member_sudo.state_reason}"
        if not message and member_sudo.blacklist_ids._in_force(store):
            message = self.env._("You can not book in this store.")
        if not message and not member_sudo.active:
            message = self.env._("This membership was closed.")
        if message:
            raise TeahouseError("forbidden", message)

    @api.model
    def _iso(self, instant):
        """Return an instant that belongs to no store, in the member's zone."""
        return iso(instant, self._zone()) if instant else None

    def _zone(self):
        """Return the ZoneInfo of the (one) member, Shanghai's if unknown."""
        return ZoneInfo(self.sudo().user_id[:1].tz or "Asia/Shanghai")

    # Values for the API

    def _api_values(self):
        """Return the member's own profile."""
        self.ensure_one()
        member_sudo = self.sudo()
        return {
            "id": member_sudo.id,
            "name": member_sudo.name,
            "phone": member_sudo.phone_masked or None,
            "state": member_sudo.state,
            "state_reason": member_sudo.state_reason or None,
            "gender": member_sudo.gender or None,
            "birthday": member_sudo.birthday.isoformat()
            if member_sudo.birthday
            else None,
            "lang": member_sudo.lang,
            "has_avatar": bool(member_sudo.avatar),
            "consent_version": member_sudo.consent_version or None,
            "created_at": self._iso(member_sudo.create_date),
        }

    def _api_update(self, values):
        """Change the member's own profile.

        :param dict values: some of name, gender, birthday, lang
        """
        self.ensure_one()
        allowed = {"name", "gender", "birthday"}
        member_sudo = self.sudo()
        member_sudo.write({key: values[key] for key in allowed & values.keys()})
        if values.get("lang"):
            member_sudo.user_id.lang = self._installed_lang(values["lang"])
        return self._api_values()

    @api.model
    def _installed_lang(self, code):
        """Return the installed language closest to ``zh-CN``, ``en`` and such."""
        wanted = code.replace("-", "_")
        installed = [lang for lang, _name in self.env["res.lang"].get_installed()]
        for lang in installed:
            if lang == wanted or lang.split("_")[0] == wanted.split("_")[0]:
                return lang
        raise TeahouseError(
            "invalid_request", self.env._("Language %s is not offered.", code)
        )

    def _api_preferences(self):
        """Return which channels reach the member, and when not."""
        self.ensure_one()
        member_sudo = self.sudo()
        return {
            "sms": member_sudo.channel_sms,
            "mail": member_sudo.channel_mail,
            "wechat": member_sudo.channel_wechat,
            "quiet_from": _clock(member_sudo.quiet_from),
            "quiet_to": _clock(member_sudo.quiet_to),
            "lang": member_sudo.lang,
        }

    def _api_update_preferences(self, values):
        """Change channels, quiet hours (``HH:MM``) and language of the member."""
        self.ensure_one()
        vals = {
            f"channel_{name}": values[name]
            for name in ("sms", "mail", "wechat")
            if values.get(name) is not None
        }
        for name in ("quiet_from", "quiet_to"):
            if values.get(name):
                hours, minutes = values[name].split(":")
                vals[name] = int(hours) + int(minutes) / 60
        self.sudo().write(vals)
        if values.get("lang"):
            self.sudo().user_id.lang = self._installed_lang(values["lang"])
        return self._api_preferences()


def _clock(hours):
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
