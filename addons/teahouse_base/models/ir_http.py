import re

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from odoo import api, models
from odoo.api import SUPERUSER_ID
from odoo.http import request

from ..api.cors import allowed_origins
from ..api.dispatcher import TeahouseDispatcher
from ..api.route import BODY_LIMIT, PREFIX
from ..exceptions import TeahouseError
from ..tools import jsonlog

_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,256})", re.IGNORECASE)


class UnknownRoute:
    """Stands in for the endpoint where the prefix is ours and the path nobody's."""

    def __init__(self, refusal):
        self.refusal = refusal
        self.endpoint = self
        self.routing = {
            "type": TeahouseDispatcher.routing_type,
            "auth": "teahouse_public",
            "methods": None,
            "routes": [PREFIX],
            "readonly": True,
            "save_session": False,
            "max_content_length": BODY_LIMIT,
            "teahouse": None,
        }


def is_api(endpoint):
    """Tell whether an endpoint is served by the API frame."""
    return endpoint.routing["type"] == TeahouseDispatcher.routing_type


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info):
        if path_info != PREFIX and not path_info.startswith(f"{PREFIX}/"):
            return super()._match(path_info)
        # Never a web page: no language prefix, no redirect, no HTML refusal.
        request.is_frontend = request.is_frontend_multilang = False
        try:
            return super()._match(path_info)
        except (RequestRedirect, NotFound):
            return UnknownRoute(NotFound()), {}
        except MethodNotAllowed as error:
            return UnknownRoute(error), {}
        except HTTPException as error:
            return UnknownRoute(error), {}

    @classmethod
    def _authenticate(cls, endpoint):
        if not is_api(endpoint):
            return super()._authenticate(endpoint)
        cls._api_environment(cls._api_public_uid(), cls._api_lang())
        request.teahouse_origins = allowed_origins(request.env)
        if request.httprequest.method != "OPTIONS":
            getattr(cls, f"_auth_method_{endpoint.routing['auth']}")()

    @classmethod
    def _auth_method_teahouse_public(cls):
        """Recognise the member if a valid token is given, else stay anonymous."""
        cls._api_login()

    @classmethod
    def _auth_method_teahouse_member(cls):
        """Let only a member in, by the bearer token of a live session."""
        if not cls._api_login():
            raise TeahouseError("unauthenticated", request.env._("Please log in."))

    @classmethod
    def _api_login(cls):
        """Resolve the bearer token; the browser's session plays no part."""
        request.teahouse_session = None
        header = request.httprequest.headers.get("Authorization") or ""
        match = _BEARER.fullmatch(header.strip())
        if not match:
            return False
        found = request.env["teahouse.session"]._identify(match[1])
        if not found:
            return False
        request.teahouse_session = found
        cls._api_environment(found.user_id, cls._api_lang() or found.lang)
        return True

    @classmethod
    def _api_environment(cls, user_id, lang):
        request.teahouse_lang = lang or cls._api_default_lang()
        request.update_env(user=user_id, su=False)
        request.update_env(context={"lang": request.teahouse_lang})

    @classmethod
    def _api_public_uid(cls):
        return cls._get_public_users()[0]

    @classmethod
    def _api_lang(cls):
        """Return the best installed language that the client asks for, or None."""
        header = request.httprequest.accept_languages
        best = header.best_match(["zh-CN", "zh", "en", "en-US"]) if header else None
        if not best:
            return None
        lang = "zh_CN" if best.startswith("zh") else "en_US"
        return lang if cls._api_lang_installed(lang) else None

    @classmethod
    def _api_lang_installed(cls, lang):
        if lang == "en_US":
            # The language of the sources needs no installation.
            return True
        env = api.Environment(request.env.cr, SUPERUSER_ID, {})
        return bool(env["res.lang"]._get_data(code=lang))

    @classmethod
    def _api_default_lang(cls):
        return "zh_CN" if cls._api_lang_installed("zh_CN") else "en_US"

    @classmethod
    def _pre_dispatch(cls, rule, args):
        # The thread keeps it for the line that the server logs about the answer.
        jsonlog.request_id()
        if not is_api(rule.endpoint):
            return super()._pre_dispatch(rule, args)
        # The language is settled, and the web client's preparations cost queries.
        request.dispatcher.pre_dispatch(rule, args)

    @classmethod
    def _post_dispatch(cls, response):
        if request.dispatcher.routing_type != TeahouseDispatcher.routing_type:
            return super()._post_dispatch(response)
        request.dispatcher.post_dispatch(response)
