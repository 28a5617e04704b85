import secrets

from odoo import api, fields, models
from odoo.fields import NO_ACCESS, Command

from odoo.addons.field_encrypted.fields import Encrypted

from ..exceptions import TeahouseError
from ..tools.masking import mask_phone
from ..tools.phone import normalise_phone


class TeahouseMember(models.Model):
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
        string="Nickname", compute="_compute_name", inverse="_inverse_name", store=True
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
    state = fields.Selection(
        [
            ("pending", "To review"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("blocked", "Blocked"),
        ],
        default="approved",
        required=True,
        tracking=True,
    )
    state_reason = fields.Char(string="Reason", tracking=True)
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

    _user_unique = models.Constraint("UNIQUE(user_id)", "A user is one member.")
    _phone_unique = models.UniqueIndex(
        "(phone_index) WHERE phone_index IS NOT NULL",
        "This phone number belongs to another member.",
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
        if self.env.user._is_public():
            return self.browse().sudo()
        return self.sudo().search([("user_id", "=", self.env.uid)], limit=1)

    @api.model
    def _register(self, phone, name=None, password=None, consent_version=None):
        """Create a member with a portal user of an opaque login.

        :param str phone: in any usual spelling; must have been verified
        :raise TeahouseError: invalid_request for a number that is not a mobile of
            mainland China
        :return: the member (sudo)
        """
        normal = normalise_phone(phone)
        if not normal:
            raise TeahouseError(
                "invalid_request",
                self.env._("This is not a mobile number of mainland China."),
            )
        user_sudo = self._create_user(name or mask_phone(normal), password)
        return self.sudo().create(
            {
                "user_id": user_sudo.id,
                "phone": normal,
                "consent_version": consent_version,
                "consent_at": consent_version and fields.Datetime.now(),
            }
        )

    @api.model
    def _create_user(self, name, password=None):
        group = self.env.ref("teahouse_base.teahouse_base_group_member")
        users_sudo = self.env["res.users"].sudo()
        return users_sudo.with_context(no_reset_password=True).create(
            {
                "name": name,
                "login": f"m-{secrets.token_hex(16)}",
                "password": password or secrets.token_urlsafe(32),
                "group_ids": [Command.set(group.ids)],
            }
        )

    def _check_can_book(self, store):
        """Refuse members who may not book in a store.

        :raise TeahouseError: forbidden, with the reason
        """
        self.ensure_one()
        if self.sudo().state != "approved":
            raise TeahouseError(
                "forbidden", self.env._("Your membership does not allow bookings now.")
            )
