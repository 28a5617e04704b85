from datetime import timedelta

from odoo import api, fields, models

#: How far ahead arrivals are listed.
AHEAD = timedelta(hours=3)
#: Guests may be so late before somebody should look.
LATE = timedelta(minutes=15)
SHOWN = 8
#: Reviews older than this are no longer asked to be answered.
FRESH = timedelta(days=30)


class TeahouseToday(models.AbstractModel):
    _inherit = "teahouse.today"

    @api.model
    def _tile_methods(self):
        return [
            *super()._tile_methods(),
            "_tile_rooms",
            "_tile_arrivals",
            "_tile_overdue",
            "_tile_cleaning",
            "_tile_damages",
            "_tile_reviews",
        ]

    @api.model
    def _bookings(self):
        """Return the model of bookings for whom may see stays, else None."""
        bookings = self.env["teahouse.booking"]
        return bookings if bookings.has_access("read") else None

    @api.model
    def _tile_rooms(self, scope):
        """How many rooms are in use now."""
        bookings = self._bookings()
        if bookings is None or not scope.stores:
            return None
        rooms = self.env["teahouse.room"].search_count(
            [*scope.domain, ("state", "=", "open")]
        )
        used = bookings.search_count(
            [*scope.domain, ("state", "=", "in_use"), ("shadow_of_id", "=", False)]
        )
        return {
            "key": "rooms",
            "title": self.env._("Rooms in use"),
            "sequence": 20,
            "icon": "fa-coffee",
            "level": "success" if used else "muted",
            "value": f"{used} / {rooms}",
            "action": self._client("teahouse_booking.teahouse_board_action"),
        }

    @api.model
    def _tile_arrivals(self, scope):
        """Who comes in the next hours, or should be here since a moment ago."""
        bookings = self._bookings()
        if bookings is None:
            return None
        domain = [
            *scope.domain,
            ("state", "=", "confirmed"),
            ("shadow_of_id", "=", False),
            # Later than this they are overdue.
            ("start", ">=", scope.now - LATE),
            ("start", "<", scope.now + AHEAD),
        ]
        coming = bookings.search(domain, order="start", limit=SHOWN)
        return {
            "key": "arrivals",
            "title": self.env._("Arrivals in the next hours"),
            "sequence": 25,
            "kind": "list",
            "icon": "fa-sign-in",
            "value": str(
                bookings.search_count(domain) if len(coming) == SHOWN else len(coming)
            ),
            "text": "" if coming else self.env._("Nobody is expected."),
            "items": [self._stay_item(booking, "muted") for booking in coming],
        }

    @api.model
    def _stay_item(self, booking, level):
        at = booking.store_id._local(booking.start)
        return {
            "title": f"{at:%H:%M} {booking.room_id.name}",
            "text": booking.partner_id.name or booking.store_id.name,
            "level": level,
            "action": self._open(booking),
        }

    @api.model
    def _tile_overdue(self, scope):
        """Who stays longer than booked, and who has not come."""
        bookings = self._bookings()
        if bookings is None:
            return None
        late = bookings.search(
            [
                *scope.domain,
                ("shadow_of_id", "=", False),
                "|",
                "&",
                ("state", "=", "in_use"),
                ("end", "<", scope.now),
                "&",
                ("state", "=", "confirmed"),
                ("start", "<", scope.now - LATE),
            ],
            order="start",
        )
        if not late:
            return None
        items = []
        for booking in late[:SHOWN]:
            staying = booking.state == "in_use"
            words = (
                self.env._("Stays longer than booked")
                if staying
                else self.env._("Has not come")
            )
            item = self._stay_item(booking, "danger" if staying else "warning")
            items.append({**item, "text": f"{item['text']} · {words}"})
        return {
            "key": "overdue",
            "title": self.env._("Overdue"),
            "sequence": 30,
            "kind": "list",
            "icon": "fa-clock-o",
            "level": "danger",
            "value": str(len(late)),
            "items": items,
        }

    @api.model
    def _tile_cleaning(self, scope):
        """Rooms that wait to be cleaned, longest first."""
        tasks = self.env["teahouse.cleaning.task"]
        if not tasks.has_access("read"):
            return None
        waiting = tasks.search(
            [
                *scope.domain,
                ("state", "in", ("waiting", "accepted", "started")),
                ("due_at", "<=", scope.now),
            ],
            order="due_at",
        )
        if not waiting:
            return None
        words = dict(tasks._fields["state"]._description_selection(self.env))
        return {
            "key": "cleaning",
            "title": self.env._("To clean"),
            "sequence": 35,
            "kind": "list",
            "icon": "fa-paint-brush",
            "level": "warning",
            "value": str(len(waiting)),
            "items": [
                {
                    "title": f"{task.store_id.name} · {task.room_id.name}",
                    "text": self.env._(
                        "%(state)s, %(minutes)s min",
                        state=words[task.state],
                        minutes=task.waiting_minutes,
                    ),
                    "level": "warning" if task.state == "waiting" else "muted",
                    "action": self._open(task),
                }
                for task in waiting[:SHOWN]
            ],
            "action": self._window("teahouse_booking.teahouse_cleaning_task_action"),
        }

    @api.model
    def _tile_damages(self, scope):
        """What is broken and not seen to."""
        damages = self.env["teahouse.damage"]
        if not damages.has_access("read"):
            return None
        broken = damages.search([*scope.domain, ("state", "!=", "resolved")])
        if not broken:
            return None
        return {
            "key": "damages",
            "title": self.env._("Damages"),
            "sequence": 65,
            "icon": "fa-wrench",
            "level": "danger" if "2" in broken.mapped("severity") else "warning",
            "value": str(len(broken)),
            "action": self._window("teahouse_booking.teahouse_damage_action"),
        }

    @api.model
    def _tile_reviews(self, scope):
        """Reviews of the last weeks that are neither answered nor hidden."""
        reviews = self.env["teahouse.review"]
        if not reviews.has_access("write"):
            return None
        domain = [
            *scope.domain,
            ("reply", "=", False),
            ("hidden", "=", False),
            ("create_date", ">=", fields.Datetime.to_string(scope.now - FRESH)),
        ]
        waiting = reviews.search_count(domain)
        if not waiting:
            return None
        bad = reviews.search_count([*domain, ("score", "<", 3)])
        return {
            "key": "reviews",
            "title": self.env._("Reviews to answer"),
            "sequence": 66,
            "icon": "fa-star-half-o",
            "level": "danger" if bad else "warning",
            "value": str(waiting),
            "text": self.env._("below 3 stars: %s", bad) if bad else "",
            "action": {
                **self._window("teahouse_booking.teahouse_review_action"),
                "domain": domain,
            },
        }


class TeahouseSetup(models.AbstractModel):
    _inherit = "teahouse.setup"

    @api.model
    def _step_methods(self):
        return [*super()._step_methods(), "_step_test_booking"]

    @api.model
    def _step_test_booking(self):
        """A first booking shows that all of it works."""
        booked = self.env["teahouse.booking"].search_count(
            [("company_id", "=", self.env.company.id)], limit=1
        )
        return {
            "key": "test_booking",
            "title": self.env._("Test booking"),
            "sequence": 90,
            "state": "done" if booked else "advised",
            "text": self.env._("Book a room on the board and see what happens."),
            "action": self.env["teahouse.today"]._client(
                "teahouse_booking.teahouse_board_action"
            ),
        }


class TeahouseReview(models.Model):
    _inherit = "teahouse.review"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: open screens show what waits for an answer."""
        reviews = super().create(vals_list)
        self.env["teahouse.today"]._changed(reviews.sudo().store_id)
        return reviews

    def write(self, vals):
        """Override: open screens show what waits for an answer."""
        result = super().write(vals)
        if "reply" in vals or "hidden" in vals:
            self.env["teahouse.today"]._changed(self.store_id)
        return result
