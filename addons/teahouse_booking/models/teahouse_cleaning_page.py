"""What the page "My rooms" shows to a cleaner, and what it sends."""

import base64
import binascii
from datetime import UTC

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools.image import image_process

from odoo.addons.teahouse_base.exceptions import TeahouseError

from .teahouse_cleaning_task import OPEN

#: Photos are kept no larger than this, in pixels.
SIDE = 1600
#: Of one photo, as base64; of one task or damage.
MAX_LENGTH = 16 * 1024 * 1024
MAX_PHOTOS = 12
#: Rooms on one page; nobody cleans more in a day.
MAX_TASKS = 100
JPEG = b"\xff\xd8"


class TeahouseCleaningTask(models.Model):
    _inherit = "teahouse.cleaning.task"

    @api.model
    @api.readonly
    def load_page(self):
        """Return the user's rooms and those nobody has taken, most urgent first.

        What is under way comes first, then the room whose guests come next.

        :return: dict with ``tasks`` and ``done``, the number finished today
        """
        tasks = self.search(
            [("state", "in", OPEN), ("user_id", "in", (False, self.env.uid))],
            limit=MAX_TASKS,
        )
        tasks = tasks.sorted(
            lambda task: (
                task.state != "started",
                not task.next_arrival_at,
                task.next_arrival_at or task.due_at,
                task.due_at,
                task.id,
            )
        )
        midnight = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        midnight = midnight.replace(hour=0, minute=0, second=0, microsecond=0)
        done = [
            ("state", "=", "finished"),
            ("user_id", "=", self.env.uid),
            ("finished_at", ">=", fields.Datetime.to_string(midnight.astimezone(UTC))),
        ]
        return {
            "tasks": [task._page_values() for task in tasks],
            "done": self.search_count(done),
        }

    def _page_values(self):
        """Return one task for the page; times are the store's, as HH:MM."""
        task_sudo = self.sudo()
        local = task_sudo.store_id._local
        arrival = self.next_arrival_at
        return {
            "id": self.id,
            "room": task_sudo.room_id.name,
            "store": task_sudo.store_id.name,
            "state": self.state,
            "mine": self.user_id == self.env.user,
            "free_from": f"{local(self.due_at):%H:%M}",
            "waiting": self.waiting_minutes,
            "arrival": f"{local(arrival):%H:%M}" if arrival else "",
            "arrival_minutes": self.arrival_minutes,
            "urgency": self.urgency,
            "photos": self.photo_ids.ids,
            "damages": len(self.damage_ids),
        }

    def add_photo(self, photo):
        """Keep a photo of the room.

        :param str photo: an image in base64
        :raise TeahouseError: invalid_state once finished, invalid_request
        """
        self._check_under_way()
        self.photo_ids = [Command.link(self._keep_photos(self, [photo]).id)]

    def report_damage(self, values):
        """Report what was found in the room.

        :param dict values: ``name``, ``severity``, ``description``, and ``photos``,
            a list of images in base64
        :return: the id of the ``teahouse.damage``
        :raise TeahouseError: invalid_state, invalid_request
        """
        self._check_under_way()
        name = str(values.get("name") or "").strip()
        if not name:
            raise TeahouseError(
                "invalid_request", self.env._("Please say what is broken.")
            )
        damage = self.env["teahouse.damage"].create(
            {
                "name": name,
                "severity": values.get("severity") or "0",
                "description": values.get("description") or False,
                "room_id": self.room_id.id,
                "task_id": self.id,
            }
        )
        photos = self._keep_photos(damage, values.get("photos") or [])
        damage.photo_ids = [Command.link(photo.id) for photo in photos]
        return damage.id

    def _check_under_way(self):
        self.ensure_one()
        self.check_access("write")
        if self.state not in OPEN:
            raise TeahouseError(
                "invalid_state", self.env._("This task has moved on already.")
            )

    def _keep_photos(self, record, photos):
        """Return attachments of a record with these images (base64)."""
        if len(photos) + len(record.photo_ids) > MAX_PHOTOS:
            raise TeahouseError(
                "invalid_request",
                self.env._("No more than %s photos, please.", MAX_PHOTOS),
            )
        now = fields.Datetime.now()
        return self.env["ir.attachment"].create(
            [
                {
                    "name": f"{now:%Y%m%d-%H%M%S}.jpg",
                    "raw": self._clean_photo(photo),
                    "mimetype": "image/jpeg",
                    "res_model": record._name,
                    "res_id": record.id,
                }
                for photo in photos
            ]
        )

    @api.model
    def _clean_photo(self, photo):
        """Return an image as a JPEG of its own: without the place it was taken at."""
        image = b""
        try:
            if len(photo) <= MAX_LENGTH:
                image = image_process(
                    base64.b64decode(photo, validate=True),
                    size=(SIDE, SIDE),
                    verify_resolution=True,
                    quality=80,
                    output_format="JPEG",
                )
        except (binascii.Error, UserError, TypeError, ValueError):
            image = b""
        # Vector images pass through the above as they are.
        if not image.startswith(JPEG):
            raise TeahouseError(
                "invalid_request", self.env._("This is no photo that can be kept.")
            )
        return image
