"""What this addon knows about a member: told on request, forgotten on request."""

from odoo import models

from odoo.addons.teahouse_base.tools.timeutil import iso


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _export(self):
        """Override: stays, own and those one was invited to, reviews and wishes."""
        member_sudo = self.sudo()
        reviews_sudo = self.env["teahouse.review"].sudo()
        wishes_sudo = self.env["teahouse.waitlist"].sudo()
        mine = [("member_id", "=", self.id)]
        return {
            **super()._export(),
            "bookings": [
                booking._export()
                for booking in member_sudo.booking_ids
                if not booking.shadow_of_id
            ],
            "participations": [
                {"booking": one.booking_id.ref, "role": one.role, "state": one.state}
                for one in member_sudo.participation_ids
            ],
            "reviews": [
                {
                    "booking": review.booking_id.ref,
                    "environment": review.environment,
                    "service": review.service,
                    "facilities": review.facilities,
                    "text": review.body or None,
                    "reply": review.reply or None,
                    "photos": len(review.upload_ids),
                }
                for review in reviews_sudo.search(mine)
            ],
            "favourites": member_sudo.favourite_ids.store_id.mapped("name"),
            "waitlist": [
                {
                    "store": wish.store_id.name,
                    "start": iso(wish.start, wish.store_id._zone()),
                    "end": iso(wish.end, wish.store_id._zone()),
                    "state": wish.state,
                }
                for wish in wishes_sudo.search(mine)
            ],
        }

    def _forget(self, member_sudo):
        """Override: the stays remain, without what the person wrote or carried."""
        env = member_sudo.env
        stays = member_sudo.booking_ids
        stays.write({"note": False, "cancel_reason": False})
        member_sudo.participation_ids.write({"pin": False})
        reviews = env["teahouse.review"].search([("member_id", "=", member_sudo.id)])
        reviews.write({"body": False, "upload_ids": [(5, 0, 0)]})
        member_sudo.favourite_ids.unlink()
        env["teahouse.waitlist"].search([("member_id", "=", member_sudo.id)]).unlink()
        return super()._forget(member_sudo)

    def _not_seen_since(self, limit):
        """Override: whoever had a stay was seen, booked at the counter or not."""
        found = super()._not_seen_since(limit)
        stays = [("member_id", "in", found.ids), ("end", ">=", limit)]
        guests = [("member_id", "in", found.ids), ("booking_id.end", ">=", limit)]
        seen = self.env["teahouse.booking"].sudo().search(stays).member_id
        seen |= self.env["teahouse.participant"].sudo().search(guests).member_id
        return found - seen


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _export(self):
        """Return the stay for its member's export. Upper addons add their parts."""
        self.ensure_one()
        zone = self.store_id._zone()
        return {
            "ref": self.ref,
            "store": self.store_id.name,
            "room": self.room_id.name,
            "state": self.state,
            "start": iso(self.start, zone),
            "end": iso(self.end, zone),
            "checked_in_at": iso(self.checked_in_at, zone),
            "ended_at": iso(self.ended_at, zone),
            "people": self.people,
            "note": self.note or None,
            "cancel_reason": self.cancel_reason or None,
        }


class TeahouseUpload(models.Model):
    _inherit = "teahouse.upload"

    def _in_use(self):
        """Override: photos of reviews are shown."""
        reviews_sudo = self.env["teahouse.review"].sudo()
        found = reviews_sudo.search([("upload_ids", "in", self.ids)])
        return super()._in_use() | (found.upload_ids & self)
