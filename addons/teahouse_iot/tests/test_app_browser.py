"""The door on a guest's phone: opened by a friend who came by a link."""

from odoo.tests import tagged

from odoo.addons.teahouse_base.tests.app_steps import AppBrowser

from .common import DeviceHttpCommon

STEPS = """
    await signIn("PHONE");
    location.hash = "#/invitations/TOKEN";
    await sees("Who comes along");
    const door = await find(".th-door");
    assert(door.innerText.includes("Open the door"), "a door to open");
    door.click();
    // Never more than the lock itself has said.
    await until("the lock's answer", () => document.querySelector(".th-door--open"));
    await sees("In use");
"""


@tagged("post_install", "-at_install")
class TestAppDoor(AppBrowser, DeviceHttpCommon):
    def test_an_invited_friend_opens_the_door(self):
        booking = self.make_booking()
        user = self.member.user_id
        token = self.env["teahouse.booking"].with_user(user)._api_invite(booking.ref)
        commands = self.env.registry["teahouse.command"]
        asked = commands._api_get

        def after_the_lock(commands, cmd_id):
            """Let the lock answer before the phone asks how it went."""
            sudo = commands.sudo()
            command = sudo.search([("cmd_id", "=", cmd_id), ("state", "=", "queued")])
            sudo.env.cr.execute(
                "UPDATE teahouse_command SET state = 'done', tries = 1,"
                " seq = nextval('teahouse_device_seq'), effects_done = FALSE,"
                " closed_at = clock_timestamp() AT TIME ZONE 'UTC'"
                " WHERE id = ANY(%s)",
                [command.ids],
            )
            sudo.invalidate_model()
            sudo._on_acks(command.ids)
            return asked(commands, cmd_id)

        self.patch(commands, "_api_get", after_the_lock)
        steps = STEPS.replace("PHONE", self.make_phone(self.member_2))
        self.play(steps.replace("TOKEN", token["token"]))

        self.env.invalidate_all()
        self.assertEqual(booking.state, "in_use")
        [log] = self.logs(booking_id=booking.id)
        self.assertEqual((log.result, log.member_id), ("opened", self.member_2))
