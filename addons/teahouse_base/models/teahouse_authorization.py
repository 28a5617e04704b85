"""Where a web page sends the customer to be told who he is (OAuth)."""

import secrets
from urllib.parse import quote, urlencode

from odoo import api, models

from ..exceptions import TeahouseError

PAGES = "/teahouse/app"
WECHAT = "https://open.weixin.qq.com/connect/oauth2/authorize"
ALIPAY = "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm"


class TeahousePlatformApp(models.Model):
    _inherit = "teahouse.platform.app"

    @api.model
    def _api_authorization(self, query):
        """Return the page of WeChat or Alipay that sends a code to ours.

        The customer comes back to ``query.path`` with ``code`` (Alipay:
        ``auth_code``) and ``state``; the page compares the state with the one that it
        kept, and logs in with the code. Only pages of the app are gone back to.

        :param query: an object with app and path
        :raise TeahouseError: invalid_request
        """
        app_sudo = self._of_kind(query.app)
        if not app_sudo:
            raise self._wrong("app", self.env._("This way to log in is not set up."))
        path = query.path or PAGES
        if path != PAGES and not path.startswith((f"{PAGES}/", f"{PAGES}#")):
            raise self._wrong("path", self.env._("This is no page of the app."))
        state = secrets.token_urlsafe(16)
        back = self.get_base_url() + path
        return {"url": app_sudo._authorization_url(back, state), "state": state}

    def _wrong(self, field, message):
        errors = [{"field": field, "message": message}]
        return TeahouseError("invalid_request", message, errors)

    def _authorization_url(self, back, state):
        """Return the platform's page, for an identity without name or picture."""
        self.ensure_one()
        if self.kind == "alipay":
            words = {
                "app_id": self.app_id,
                "scope": "auth_base",
                "redirect_uri": back,
                "state": state,
            }
            return f"{ALIPAY}?{urlencode(words)}"
        # WeChat wants them in this order.
        return (
            f"{WECHAT}?appid={quote(self.app_id)}&redirect_uri={quote(back, safe='')}"
            f"&response_type=code&scope=snsapi_base&state={state}#wechat_redirect"
        )
