"""WeChat's open interface: who logs in, his phone, and messages to him.

Both kinds of application have ``identify(code)``. ``session_key`` and the tokens of
OAuth are dropped where they arrive; the secret of the application leaves for WeChat
only.
"""

import threading
import time

from .phone import normalise_phone
from .platform import PlatformError, base_url, call, json_of

API_URL = "https://api.weixin.qq.com"
URL_OPTION = "teahouse_wechat_api_url"
#: The access token is no longer what WeChat accepts.
TOKEN_ERRORS = {"40001", "40014", "42001"}
#: Age of a message that brings a phone, in seconds.
PHONE_AGE = 600

# (url, app id) -> (token, end of it on the monotonic clock). WeChat gives all
# processes the same token, so each keeps its own copy, in memory only.
_tokens = {}
_tokens_lock = threading.Lock()


class WechatApp:
    """An application registered at WeChat.

    :param str app_id: AppID
    :param str secret: AppSecret
    """

    def __init__(self, app_id, secret):
        self.app_id = app_id
        self.secret = secret
        self.base_url = base_url(URL_OPTION, API_URL)

    def identify(self, code):
        """Return the openid of who gave this code, which is good for one use.

        :raise PlatformError: see WeChat's codes: 40029 unknown, 40163 used
        """
        raise NotImplementedError

    def _subject(self, answer):
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            raise PlatformError("no_answer", sent=True)
        return openid

    def _get(self, path, params):
        return self._read(call("GET", self.base_url + path, params=params))

    def _post(self, path, body, params=None):
        return self._read(call("POST", self.base_url + path, json=body, params=params))

    @staticmethod
    def _read(response):
        answer = json_of(response)
        if answer.get("errcode"):
            raise PlatformError(answer["errcode"])
        return answer

    # Calls that need an access token

    def _token(self, refused=None):
        """Return the stable access token.

        :param str refused: a token that WeChat did not accept; another process may
            have renewed it already, so it is renewed only if WeChat still gives it
        """
        key = (self.base_url, self.app_id)
        with _tokens_lock:
            token, until = _tokens.get(key, (None, 0))
        if token and token != refused and time.monotonic() < until:
            return token
        answer = self._stable_token(False)
        if refused and answer["access_token"] == refused:
            answer = self._stable_token(True)
        lifetime = max(60, int(answer.get("expires_in") or 0) - 300)
        with _tokens_lock:
            _tokens[key] = (answer["access_token"], time.monotonic() + lifetime)
        return answer["access_token"]

    def _stable_token(self, force):
        body = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self.secret,
            "force_refresh": force,
        }
        answer = self._post("/cgi-bin/stable_token", body)
        if not answer.get("access_token"):
            raise PlatformError("no_answer")
        return answer

    def _with_token(self, path, body):
        """Call with the access token, renewing a refused one once."""
        token = self._token()
        try:
            return self._post(path, body, {"access_token": token})
        except PlatformError as error:
            if error.code not in TOKEN_ERRORS:
                raise
        return self._post(path, body, {"access_token": self._token(refused=token)})


class MiniProgram(WechatApp):
    """A mini-program: login, phone numbers, subscribe messages."""

    def identify(self, code):
        params = {
            "appid": self.app_id,
            "secret": self.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        return self._subject(self._get("/sns/jscode2session", params))

    def phone(self, phone_code):
        """Return the phone number (E.164) that WeChat verified.

        :raise PlatformError: 40029 for a code that is unknown, used or too old;
            ``abroad`` for a number that is not a mobile of mainland China
        """
        answer = self._with_token(
            "/wxa/business/getuserphonenumber", {"code": phone_code}
        )
        info = answer.get("phone_info") or {}
        mark = info.get("watermark") or {}
        fresh = abs(time.time() - float(mark.get("timestamp") or 0)) < PHONE_AGE
        if mark.get("appid") != self.app_id or not fresh:
            raise PlatformError("40029")
        phone = normalise_phone(str(info.get("purePhoneNumber") or ""))
        if str(info.get("countryCode")) != "86" or not phone:
            raise PlatformError("abroad")
        return phone

    def send_subscribed(self, openid, template_id, data, page=None):
        """Send a subscribe message, which uses up one authorisation.

        :param dict data: ``{"thing1": {"value": "..."}}``
        :raise PlatformError: 43101 without authorisation, 47003 for bad values
        """
        body = {"touser": openid, "template_id": template_id, "data": data}
        if page:
            body["page"] = page
        self._with_token("/cgi-bin/message/subscribe/send", body)


class OfficialAccount(WechatApp):
    """An official account: login of pages that are open inside WeChat."""

    def identify(self, code):
        params = {
            "appid": self.app_id,
            "secret": self.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        return self._subject(self._get("/sns/oauth2/access_token", params))
