from odoo.http import request

from ..api import ApiController, Page, api_route
from . import schemas

TAGS = ["Me"]


class MeController(ApiController):
    def _member(self):
        return request.env["teahouse.member"]._current()

    @api_route("/me", response=schemas.MemberOut, summary="My profile", tags=TAGS)
    def get_me(self):
        return self._member()._api_values()

    @api_route(
        "/me",
        "PATCH",
        request=schemas.MemberPatch,
        response=schemas.MemberOut,
        summary="Change my profile",
        tags=TAGS,
    )
    def patch_me(self, body):
        return self._member()._api_patch(body)

    @api_route(
        "/me",
        "DELETE",
        status=204,
        summary="Forget me: the books stay, the person goes",
        tags=TAGS,
        errors=["invalid_state"],
    )
    def delete_me(self):
        self._member()._erase()

    @api_route(
        "/me/export",
        response=schemas.ExportOut,
        summary="All that is kept about me",
        tags=TAGS,
    )
    def export_me(self):
        return self._member()._export()

    @api_route(
        "/me/avatar",
        summary="My picture",
        tags=TAGS,
        media_type="image/jpeg",
        errors=["not_found"],
    )
    def get_avatar(self):
        return self._member()._api_avatar()

    @api_route(
        "/me/phone",
        "POST",
        request=schemas.PhoneChange,
        response=schemas.MemberOut,
        rate="auth",
        summary="Move to another phone number",
        tags=TAGS,
    )
    def change_phone(self, body):
        return self._member()._api_change_phone(body)

    @api_route(
        "/me/identities",
        response=Page[schemas.IdentityOut],
        summary="Where else I am known: WeChat, Alipay",
        tags=TAGS,
    )
    def list_identities(self):
        return request.env["teahouse.identity"]._api_list(self._member())

    @api_route(
        "/me/identities",
        "POST",
        request=schemas.IdentityCreate,
        response=schemas.IdentityOut,
        status=201,
        rate="auth",
        summary="Bind WeChat or Alipay",
        tags=TAGS,
    )
    def create_identity(self, body):
        return request.env["teahouse.identity"]._api_bind(self._member(), body)

    @api_route(
        "/me/identities/<int:identity_id>",
        "DELETE",
        status=204,
        summary="Unbind WeChat or Alipay",
        tags=TAGS,
    )
    def delete_identity(self, identity_id):
        request.env["teahouse.identity"]._api_unbind(self._member(), identity_id)

    @api_route(
        "/me/wechat-subscriptions",
        response=Page[schemas.SubscriptionOut],
        summary="Messages that I may accept in WeChat",
        tags=TAGS,
    )
    def list_subscriptions(self):
        return request.env["teahouse.wechat.subscription"]._api_list(self._member())

    @api_route(
        "/me/wechat-subscriptions",
        "POST",
        request=schemas.SubscriptionsCreate,
        response=Page[schemas.SubscriptionOut],
        summary="Note what I accepted: each is good for one message",
        tags=TAGS,
    )
    def create_subscriptions(self, body):
        return request.env["teahouse.wechat.subscription"]._api_accept(
            self._member(), body
        )

    @api_route(
        "/me/preferences",
        response=schemas.PreferencesOut,
        summary="Channels, quiet hours and language",
        tags=TAGS,
    )
    def get_preferences(self):
        return self._member()._api_preferences()

    @api_route(
        "/me/preferences",
        "PATCH",
        request=schemas.PreferencesPatch,
        response=schemas.PreferencesOut,
        summary="Change channels, quiet hours and language",
        tags=TAGS,
    )
    def patch_preferences(self, body):
        return self._member()._api_update_preferences(
            body.model_dump(exclude_none=True)
        )

    @api_route(
        "/me/notifications",
        query=schemas.NotificationQuery,
        response=schemas.NotificationPage,
        summary="My messages, newest first",
        tags=TAGS,
    )
    def list_notifications(self, query):
        return self._member()._api_notifications(query)

    @api_route(
        "/me/notifications/<int:notification_id>/read",
        "POST",
        response=schemas.NotificationOut,
        summary="Mark a message as read",
        tags=TAGS,
    )
    def read_notification(self, notification_id):
        return request.env["teahouse.notification"]._api_mark_read(
            self._member(), notification_id
        )

    @api_route(
        "/uploads",
        "POST",
        response=schemas.UploadOut,
        status=201,
        upload="file",
        summary="Upload an image, for an avatar, a review or a report",
        tags=TAGS,
    )
    def create_upload(self, file):
        return request.env["teahouse.upload"]._api_create(self._member(), file)
