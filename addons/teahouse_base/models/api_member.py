import base64

from odoo import api, models

from ..api import decode_cursor, encode_cursor, page
from ..api.images import ImageRefused, encode_anew
from ..exceptions import TeahouseError
from .teahouse_otp import LIFETIME, PHONE_LIMITS


class TeahouseOtp(models.Model):
    _inherit = "teahouse.otp"

    @api.model
    def _api_create(self, body, ip):
        """Send a code; the answer is the same for every phone."""
        self._issue(body.phone, body.purpose, ip=ip, proof=body.proof)
        return {
            "expires_in": int(LIFETIME.total_seconds()),
            "retry_after": PHONE_LIMITS[0][0],
        }


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _api_patch(self, body):
        """Change the member's own profile.

        :param body: see ``MemberPatch``; a field that is left out stays
        """
        self.ensure_one()
        values = body.model_dump(exclude_unset=True)
        if "avatar" in values:
            upload_id = values.pop("avatar")
            image = False
            if upload_id:
                image = self.env["teahouse.upload"]._api_image_of(self, upload_id)
            self.sudo().avatar = image
        # A nickname and a language cannot be removed, only changed.
        for name in ("name", "lang"):
            if values.get(name) is None:
                values.pop(name, None)
        return self._api_update(values)

    def _api_change_phone(self, body):
        """Move the member to another phone number."""
        self.ensure_one()
        member_sudo = self._change_phone(
            body.phone,
            body.code,
            password=body.password,
            old_code=body.old_code,
            merge=body.merge,
        )
        return member_sudo._api_values()

    def _api_notifications(self, query):
        """Return a page of the member's inbox, newest first."""
        self.ensure_one()
        notifications = self.env["teahouse.notification"]
        below = decode_cursor(self.env, query.cursor, int)
        rows = notifications._inbox_page(
            self, query.limit + 1, before_id=below and below[0], unread=query.unread
        )
        shown = rows[: query.limit]
        more = encode_cursor(shown[-1].id) if len(rows) > query.limit else None
        return {
            **page([row._api_values() for row in shown], more),
            "unread_count": notifications._unread_count(self),
        }

    def _api_avatar(self):
        """Return the picture as a response.

        :raise TeahouseError: not_found, there is none
        """
        self.ensure_one()
        member_sudo = self.sudo()
        if not member_sudo.avatar:
            raise TeahouseError("not_found", self.env._("There is no picture."))
        stream = self.env["ir.binary"]._get_image_stream_from(member_sudo, "avatar")
        return stream.get_response(max_age=0)


class TeahouseUpload(models.Model):
    _inherit = "teahouse.upload"

    @api.model
    def _api_create(self, member, file):
        """Keep an image of a member, encoded anew.

        :param file: werkzeug FileStorage
        :raise TeahouseError: invalid_request for what is no image
        """
        try:
            image = encode_anew(file.stream)
        except ImageRefused as error:
            message = self.env._("Send a JPEG, PNG or WebP image.")
            errors = [{"field": "file", "message": message}]
            raise TeahouseError("invalid_request", message, errors) from error
        upload_sudo = self.sudo().create(
            {"member_id": member.id, "image": base64.b64encode(image)}
        )
        return {"id": upload_sudo.id}

    @api.model
    def _api_image_of(self, member, upload_id):
        """Return the image (base64) of an upload of the member.

        :raise TeahouseError: invalid_request, there is no such upload of his
        """
        upload_sudo = self.sudo().search(
            [("id", "=", upload_id), ("member_id", "=", member.id)]
        )
        if not upload_sudo:
            message = self.env._("There is no such upload.")
            errors = [{"field": "avatar", "message": message}]
            raise TeahouseError("invalid_request", message, errors)
        return upload_sudo.image
