from odoo.tests import tagged

from .common import TeahouseCommon


@tagged("post_install", "-at_install")
class TestRestore(TeahouseCommon):
    def test_nothing_is_sent_again(self):
        """Messages that wait in a backup were sent by the system it was taken of."""
        notifications = self.env["teahouse.notification"]
        notifications._notify(self.member, "password_changed", {}, "restore")
        waiting = notifications.search([("state", "=", "queued")])
        self.assertTrue(waiting)
        mail = self.env["mail.mail"].create({"state": "outgoing", "subject": "Tea"})
        sms = self.env["sms.sms"].create({"state": "outgoing", "number": "1"})

        self.env["teahouse.restore"]._after_restore()

        self.assertEqual(set(waiting.mapped("state")), {"expired"})
        self.assertEqual((mail.state, sms.state), ("cancel", "canceled"))
