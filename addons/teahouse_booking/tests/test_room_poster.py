from odoo.tests import tagged

from odoo.addons.teahouse_booking.tools import qr

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestRoomPoster(BookingCommon):
    def test_each_room_has_a_page_with_a_code_of_its_own(self):
        rooms = self.room | self.other_room
        report = self.env["ir.actions.report"].with_user(self.user_owner)
        html, __ = report._render_qweb_html(
            "teahouse_booking.report_room_poster", rooms.ids
        )
        page = html.decode()
        self.assertEqual(page.count("data:image/png"), 2)
        for room in rooms:
            self.assertIn(room.name, page)
            address = f"{room.get_base_url()}/teahouse/app#/rooms/{room.id}"
            self.assertIn(qr.data_url(address, box_size=12), page)
