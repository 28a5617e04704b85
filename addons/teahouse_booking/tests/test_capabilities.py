from odoo.tests import tagged

from .common import BookingHttpCommon


@tagged("post_install", "-at_install")
class TestCapabilities(BookingHttpCommon):
    """Stores of one chain take part in different things."""

    def capabilities(self, store):
        found = set(self.get(f"/stores/{store.id}")["capabilities"])
        return found & {"cleaning", "reviews", "waitlist"}

    def test_each_store_says_what_it_takes_part_in(self):
        every = {"cleaning", "reviews", "waitlist"}
        self.store.use_reviews = self.store.use_waitlist = False
        self.assertEqual(self.capabilities(self.store), {"cleaning"})
        self.assertEqual(self.capabilities(self.other_store), every)

    def test_nobody_waits_where_no_list_is_kept(self):
        self.make_confirmed()
        wish = {**self.slot(), "people": 2}
        self.store.use_waitlist = False
        refused = self.post("/waitlist", wish, self.member_2, status=409)
        self.assertEqual(refused["code"], "invalid_state")
        self.store.use_waitlist = True
        self.post("/waitlist", wish, self.member_2, status=201)
