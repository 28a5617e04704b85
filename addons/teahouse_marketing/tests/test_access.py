from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MarketingCommon


@tagged("post_install", "-at_install")
class TestAccess(MarketingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here, cls.there, cls.everywhere = cls.env["teahouse.campaign"].create(
            [
                {"name": "Here", "store_ids": cls.store.ids},
                {"name": "There", "store_ids": cls.other_store.ids},
                {"name": "Everywhere"},
            ]
        )
        cls.all = cls.here + cls.there + cls.everywhere
        cls.card = cls.member._points_card(create=True)

    def visible(self, user):
        return self.all.with_user(user).search([("id", "in", self.all.ids)]).sudo()

    def test_owner_does_everything(self):
        self.assertEqual(self.visible(self.user_owner), self.all)
        self.there.with_user(self.user_owner).name = "Changed"
        self.tier_green.with_user(self.user_owner).discount_percent = 3

    def test_manager_changes_campaigns_of_assigned_stores(self):
        self.assertEqual(self.visible(self.user_manager), self.here + self.everywhere)
        self.here.with_user(self.user_manager).name = "Changed"
        with self.assertRaises(AccessError):
            self.everywhere.with_user(self.user_manager).name = "Changed"
        with self.assertRaises(AccessError):
            self.tier_green.with_user(self.user_manager).discount_percent = 50

    def test_staff_reads_only(self):
        self.assertEqual(self.visible(self.user_staff), self.here + self.everywhere)
        with self.assertRaises(AccessError):
            self.here.with_user(self.user_staff).name = "Changed"
        with self.assertRaises(AccessError):
            self.card.with_user(self.user_staff).read(["points"])

    def test_accountant_sees_points_and_changes_nothing(self):
        self.card.with_user(self.user_accountant).read(["points"])
        with self.assertRaises(AccessError):
            self.card.with_user(self.user_accountant).points = 9
        with self.assertRaises(AccessError):
            self.all.with_user(self.user_accountant).read(["name"])

    def test_others_see_nothing(self):
        for user in (
            self.user_cleaner,
            self.user_technician,
            self.user_portal,
            self.user_public,
            self.member.user_id,
        ):
            for records in (self.all, self.tier_green, self.card):
                with self.subTest(user=user.login, model=records._name):
                    with self.assertRaises(AccessError):
                        records.with_user(user).read(["display_name"])
