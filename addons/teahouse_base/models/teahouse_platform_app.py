from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.field_encrypted.fields import Encrypted

from ..exceptions import TeahouseError
from ..tools.alipay import AlipayApp, load_private_key, load_public_key
from ..tools.platform import PlatformError
from ..tools.wechat import MiniProgram, OfficialAccount

PROVIDERS = {
    "mini_program": "wechat",
    "official_account": "wechat",
    "alipay": "alipay",
}
# Codes of a platform that blame the code which the customer's app handed over.
CODE_ERRORS = {
    "40029",  # WeChat: not valid
    "40163",  # WeChat: used before
    "41008",  # WeChat: missing
    "abroad",
    "isv.code-invalid",
    "isv.grant-type-invalid",
    "40002",  # Alipay: an argument is not valid
}
BUSY_ERRORS = {"45011", "45009", "isv.app-call-limited"}
BLOCKED_ERRORS = {"40226"}  # WeChat: this user is a risk


class TeahousePlatformApp(models.Model):
    """An application that the company registered at WeChat or Alipay.

    Its secrets are encrypted, for system administrators only, and go to the
    platform's fixed host alone.
    """

    _name = "teahouse.platform.app"
    _description = "Application at WeChat or Alipay"
    _inherit = ["field.encrypted.mixin"]
    _order = "kind, id"
    _rec_name = "app_id"

    kind = fields.Selection(
        [
            ("mini_program", "WeChat mini-program"),
            ("official_account", "WeChat official account"),
            ("alipay", "Alipay application"),
        ],
        required=True,
    )
    app_id = fields.Char(string="Application ID", required=True)
    active = fields.Boolean(default=True)
    secret = Encrypted(
        string="AppSecret", copy=False, groups="base.group_system", help="Of WeChat."
    )
    private_key = Encrypted(
        string="Application's private key",
        copy=False,
        groups="base.group_system",
        help="RSA2, as PEM or bare base64.",
    )
    public_key = fields.Text(
        string="Alipay's public key",
        copy=False,
        groups="base.group_system",
        help="Alipay's, not the application's: its answers are checked with it.",
    )

    _one_each = models.UniqueIndex(
        "(kind) WHERE active", "There is such an application in use already."
    )

    @api.constrains("kind", "secret", "private_key", "public_key")
    def _check_keys(self):
        for app_sudo in self.sudo():
            if app_sudo.kind != "alipay":
                if not app_sudo.secret:
                    raise ValidationError(self.env._("Give the AppSecret."))
                continue
            try:
                load_private_key(app_sudo.private_key or "")
                load_public_key(app_sudo.public_key or "")
            except (TypeError, ValueError) as error:
                raise ValidationError(
                    self.env._("Give both keys, as PEM or base64.")
                ) from error

    @api.model
    def _of_kind(self, kind):
        """Return the application (sudo) in use, empty if none is set up."""
        return self.sudo().search([("kind", "=", kind)], limit=1)

    @api.model
    def _web_platforms(self):
        """Return the applications that a web page can log in with: {kind: app id}."""
        kinds = ("official_account", "alipay")
        apps_sudo = self.sudo().search([("kind", "in", kinds)])
        return {app_sudo.kind: app_sudo.app_id for app_sudo in apps_sudo}

    def _provider(self):
        self.ensure_one()
        return PROVIDERS[self.kind]

    def _client(self):
        """Return the client that talks to the platform for this application."""
        self.ensure_one()
        app_sudo = self.sudo()
        if app_sudo.kind == "alipay":
            return AlipayApp(app_sudo.app_id, app_sudo.private_key, app_sudo.public_key)
        client = MiniProgram if app_sudo.kind == "mini_program" else OfficialAccount
        return client(app_sudo.app_id, app_sudo.secret)

    def _identify(self, code):
        """Return who gave a code to the customer's app.

        :return: the subject at the platform
        :raise TeahouseError: see :meth:`_refuse`
        """
        return self._spend("identify", code)

    def _phone(self, phone_code):
        """Return the phone number (E.164) that the platform verified."""
        return self._spend("phone", phone_code)

    def _spend(self, verb, code):
        """Exchange a code that is good for one use.

        Odoo replays a request after a conflict in the database: the replay gets the
        answer of the first time, as the code is spent.
        """
        known = vars(request).setdefault("teahouse_codes", {}) if request else {}
        key = (self.id, verb, code)
        if key not in known:
            try:
                known[key] = getattr(self._client(), verb)(code)
            except PlatformError as error:
                raise self._refuse(error) from error
        return known[key]

    def _refuse(self, error):
        """Return the TeahouseError for what a platform said."""
        if error.code in CODE_ERRORS:
            return TeahouseError(
                "unauthenticated",
                self.env._("The code is not valid any more. Please try again."),
            )
        if error.code in BLOCKED_ERRORS:
            return TeahouseError(
                "forbidden", self.env._("The platform does not vouch for this user.")
            )
        if error.code in BUSY_ERRORS:
            return TeahouseError(
                "rate_limited",
                self.env._("The platform is busy. Try again in a minute."),
                retry_after=60,
            )
        return TeahouseError(
            "internal", self.env._("The platform gives no answer. Please try again.")
        )
