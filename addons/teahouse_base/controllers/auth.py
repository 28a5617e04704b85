from odoo.http import request

from ..api import ApiController, Page, api_route
from . import schemas

TAGS = ["Login"]


class AuthController(ApiController):
    @api_route(
        "/auth/challenges",
        "POST",
        auth="public",
        response=schemas.ChallengeOut,
        rate="auth",
        summary="A riddle to solve when too many codes were asked for",
        tags=TAGS,
        errors=["not_found"],
    )
    def create_challenge(self):
        return request.env["teahouse.human.check"]._api_create()

    @api_route(
        "/auth/sms-codes",
        "POST",
        auth="public",
        request=schemas.SmsCodeCreate,
        response=schemas.SmsCodeOut,
        status=202,
        rate="auth",
        summary="Send a one-time code by SMS",
        tags=TAGS,
    )
    def create_sms_code(self, body):
        address = request.httprequest.remote_addr
        return request.env["teahouse.otp"]._api_create(body, address)

    @api_route(
        "/auth/authorization",
        auth="public",
        query=schemas.AuthorizationQuery,
        response=schemas.AuthorizationOut,
        summary="Where a web page asks WeChat or Alipay who its user is",
        tags=TAGS,
    )
    def get_authorization(self, query):
        return request.env["teahouse.platform.app"]._api_authorization(query)

    @api_route(
        "/auth/sessions",
        "POST",
        auth="public",
        request=schemas.SessionCreate,
        response=schemas.SessionOpened,
        rate="auth",
        summary="Log in",
        tags=TAGS,
        errors=["unauthenticated", "forbidden"],
    )
    def create_session(self, body):
        return request.env["teahouse.session"]._api_create(
            body,
            user_agent=request.httprequest.headers.get("User-Agent"),
            ip=request.httprequest.remote_addr,
        )

    @api_route(
        "/auth/sessions/current/renewal",
        "POST",
        response=schemas.SessionRenewed,
        summary="Move the end of this session 30 days from now",
        tags=TAGS,
    )
    def renew_session(self):
        return request.env["teahouse.session"]._api_renew(request.teahouse_session)

    @api_route(
        "/auth/sessions/current", "DELETE", status=204, summary="Log out", tags=TAGS
    )
    def delete_current_session(self):
        request.env["teahouse.session"]._api_delete(
            request.teahouse_session, request.teahouse_session.session_id
        )

    @api_route(
        "/auth/sessions",
        response=Page[schemas.SessionOut],
        summary="Devices that are logged in",
        tags=TAGS,
    )
    def list_sessions(self):
        return request.env["teahouse.session"]._api_list(request.teahouse_session)

    @api_route(
        "/auth/sessions",
        "DELETE",
        status=204,
        summary="Log out everywhere, here too",
        tags=TAGS,
    )
    def delete_sessions(self):
        request.env["teahouse.session"]._api_delete_all(request.teahouse_session)

    @api_route(
        "/auth/sessions/<int:session_id>",
        "DELETE",
        status=204,
        summary="Log a device out",
        tags=TAGS,
    )
    def delete_session(self, session_id):
        request.env["teahouse.session"]._api_delete(
            request.teahouse_session, session_id
        )

    @api_route(
        "/auth/password",
        "PUT",
        auth="public",
        request=schemas.PasswordPut,
        status=204,
        rate="auth",
        summary="Set a new password with a code; ends all sessions",
        tags=TAGS,
    )
    def put_password(self, body):
        request.env["teahouse.member"]._set_password_by_code(
            body.phone, body.code, body.password
        )
