from odoo import api, fields, models

from odoo.addons.teahouse_base.api import (
    PREFIX,
    decode_cursor,
    encode_cursor,
    page,
)
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso

#: Sizes in which photos are given, and how long they may be kept, in seconds.
SIDES = (256, 640, 1920)
PHOTO_AGE = 3600
#: What only the guest has a say in.
GUESTS_WORDS = {
    "booking_id",
    "environment",
    "service",
    "facilities",
    "body",
    "upload_ids",
}


class TeahouseReview(models.Model):
    """What a guest thought of a stay: one for each completed booking."""

    _name = "teahouse.review"
    _description = "Review"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    booking_id = fields.Many2one(
        "teahouse.booking", required=True, ondelete="cascade", readonly=True
    )
    store_id = fields.Many2one(related="booking_id.store_id", store=True, index=True)
    room_id = fields.Many2one(related="booking_id.room_id", store=True)
    company_id = fields.Many2one(related="booking_id.company_id", store=True)
    member_id = fields.Many2one(related="booking_id.member_id", store=True)
    environment = fields.Integer(required=True, readonly=True, aggregator="avg")
    service = fields.Integer(required=True, readonly=True, aggregator="avg")
    facilities = fields.Integer(required=True, readonly=True, aggregator="avg")
    score = fields.Float(
        compute="_compute_score", store=True, digits=(3, 2), aggregator="avg"
    )
    body = fields.Text(string="Text", readonly=True)
    upload_ids = fields.Many2many("teahouse.upload", string="Photos", readonly=True)
    reply = fields.Text(tracking=True)
    hidden = fields.Boolean(tracking=True, readonly=True)
    photos_hidden = fields.Boolean(
        tracking=True, readonly=True, help="Customers see the words without photos."
    )
    hidden_reason = fields.Char(tracking=True)

    _once = models.Constraint("UNIQUE(booking_id)", "This stay is reviewed already.")
    _scores = models.Constraint(
        """CHECK(environment BETWEEN 1 AND 5 AND service BETWEEN 1 AND 5
                 AND facilities BETWEEN 1 AND 5)""",
        "Scores lie between 1 and 5.",
    )

    @api.depends("environment", "service", "facilities")
    def _compute_score(self):
        for review in self:
            review.score = (review.environment + review.service + review.facilities) / 3

    def write(self, vals):
        if not self.env.su and set(vals) & GUESTS_WORDS:
            raise TeahouseError(
                "forbidden", self.env._("What the guest wrote stays as it is.")
            )
        return super().write(vals)

    def _check_reason(self):
        """:raise TeahouseError: invalid_request, hidden without a reason"""
        if any(not (review.hidden_reason or "").strip() for review in self):
            raise TeahouseError(
                "invalid_request", self.env._("Please say why it is hidden.")
            )

    def action_hide(self):
        """Take the review from the store's page, with the reason kept."""
        self._check_reason()
        self.hidden = True

    def action_hide_photos(self):
        """Take only the photos from the store's page, with the reason kept."""
        self._check_reason()
        self.photos_hidden = True

    def action_show(self):
        """Show the review again, with its photos."""
        self.write({"hidden": False, "photos_hidden": False})

    @api.model
    def _api_create(self, ref, body):
        """Review the member's completed stay.

        :raise TeahouseError: invalid_state
        """
        booking_sudo = self.env["teahouse.booking"]._api_find(ref, booker=True)
        booking_sudo._lock_rows()
        if not booking_sudo.store_id.use_reviews:
            raise TeahouseError(
                "invalid_state", self.env._("This store takes no reviews.")
            )
        if booking_sudo.state != "completed" or booking_sudo.review_ids:
            raise TeahouseError(
                "invalid_state",
                self.env._("A completed stay can be reviewed, once."),
            )
        uploads_sudo = (
            self.env["teahouse.upload"]
            .sudo()
            .search(
                [
                    ("id", "in", body.photos),
                    ("member_id", "=", booking_sudo.member_id.id),
                ]
            )
        )
        review_sudo = self.sudo().create(
            {
                "booking_id": booking_sudo.id,
                "environment": body.environment,
                "service": body.service,
                "facilities": body.facilities,
                "body": body.text or False,
                "upload_ids": [fields.Command.set(uploads_sudo.ids)],
            }
        )
        return review_sudo._api_values()

    @api.model
    def _api_list(self, store_id, query):
        """Return the visible reviews of a store, the newest first."""
        store_sudo = self.env["teahouse.store"]._api_find(store_id)
        after = decode_cursor(self.env, query.cursor, int)
        domain = [("store_id", "=", store_sudo.id), ("hidden", "=", False)]
        if after:
            domain.append(("id", "<", after[0]))
        found = self.sudo().search(domain, limit=query.limit + 1)
        shown = found[: query.limit]
        cursor = encode_cursor(shown[-1].id) if len(found) > query.limit else None
        return page([review._api_values() for review in shown], cursor)

    @api.model
    def _api_photo(self, review_id, upload_id, query):
        """Return a photo of a review as a response that anybody may keep for an hour.

        :raise TeahouseError: not_found, also for what is hidden
        """
        review_sudo = self.sudo().search(
            [
                ("id", "=", review_id),
                ("hidden", "=", False),
                ("photos_hidden", "=", False),
                ("upload_ids", "in", upload_id),
                ("store_id.state", "!=", "closed"),
            ]
        )
        if not review_sudo:
            raise TeahouseError("not_found", self.env._("There is no such photo."))
        side = next((size for size in SIDES if query.size <= size), SIDES[-1])
        stream = self.env["ir.binary"]._get_image_stream_from(
            self.env["teahouse.upload"].sudo().browse(upload_id),
            "image",
            width=side,
            height=side,
        )
        response = stream.get_response()
        # Shorter than those of stores: a photo may have to go.
        response.headers["Cache-Control"] = f"public, max-age={PHOTO_AGE}"
        return response

    def _api_photos(self):
        """Return the photos that customers see, with their addresses."""
        self.ensure_one()
        if self.hidden or self.photos_hidden:
            return []
        return [
            {
                "id": upload.id,
                "name": None,
                "url": f"{PREFIX}/reviews/{self.id}/photos/{upload.id}",
            }
            for upload in self.upload_ids
        ]

    def _api_values(self):
        self.ensure_one()
        review_sudo = self.sudo()
        name = review_sudo.member_id.name or ""
        return {
            "id": review_sudo.id,
            # Others see who it was without knowing who it is.
            "author": f"{name[:1]}**" if name else "**",
            "room": review_sudo.room_id.name,
            "environment": review_sudo.environment,
            "service": review_sudo.service,
            "facilities": review_sudo.facilities,
            "score": f"{review_sudo.score:.1f}",
            "text": review_sudo.body or "",
            "photos": review_sudo._api_photos(),
            "reply": review_sudo.reply or None,
            "at": iso(review_sudo.create_date, review_sudo.store_id._zone()),
        }


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    review_ids = fields.One2many("teahouse.review", "store_id", string="Reviews")
    review_score = fields.Float(
        string="Rating", compute="_compute_review_score", store=True, digits=(3, 2)
    )
    review_count = fields.Integer(compute="_compute_review_score", store=True)

    @api.depends("review_ids.score", "review_ids.hidden")
    def _compute_review_score(self):
        groups = self.env["teahouse.review"]._read_group(
            [("store_id", "in", self.ids), ("hidden", "=", False)],
            ["store_id"],
            ["score:avg", "__count"],
        )
        scores = {store: (score, count) for store, score, count in groups}
        for store in self:
            store.review_score, store.review_count = scores.get(store, (0, 0))

    def _api_values(self, **kwargs):
        store_sudo = self.sudo()
        count = store_sudo.review_count
        return {
            **super()._api_values(**kwargs),
            "rating": f"{store_sudo.review_score:.1f}" if count else None,
            "review_count": count,
        }
