"""Credentials, claim codes, bridges and the views a broker reads."""

import hashlib

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..models.teahouse_device_announcement import plain_code
from .common import DeviceCommon, DeviceHttpCommon

SECRET = "ab" * 32


def staff_of(env, role, store, login):
    """Return a user of a role who works in a store."""
    user = new_test_user(env, login, groups=f"teahouse_base.teahouse_base_group_{role}")
    user.teahouse_store_ids = store
    return user


@tagged("post_install", "-at_install")
class TestCredential(DeviceCommon):
    def rows(self, view, device):
        self.env.flush_all()
        self.env.cr.execute(f"SELECT * FROM {view} WHERE username = %s", [device.uid])
        return self.env.cr.dictfetchall()

    def test_new_device_waits_for_the_broker(self):
        self.assertEqual(self.lock.credential_state, "pending")
        self.lock.credential_done = 1
        self.assertEqual(self.lock.credential_state, "active")

    def test_view_has_what_a_broker_needs_to_check_a_password(self):
        password = self.lock.sudo().mqtt_password
        [row] = self.rows("teahouse_mqtt_user", self.lock)
        digest = hashlib.pbkdf2_hmac(
            "sha512", password.encode(), row["salt"].encode(), 101
        )
        self.assertEqual(row["password_hash"], digest.hex())
        self.assertFalse(row["is_superuser"])

    def test_view_allows_its_own_topics_and_nothing_else(self):
        uid = self.lock.uid
        rows = self.rows("teahouse_mqtt_acl", self.lock)
        allowed = {
            (row["action"], row["topic"])
            for row in rows
            if row["permission"] == "allow"
        }
        self.assertEqual(
            allowed,
            {("subscribe", f"th/v1/{uid}/cmd")}
            | {("publish", f"th/v1/{uid}/{x}") for x in ("ack", "st", "tele", "evt")},
        )
        retained = [row["topic"] for row in rows if row["retain"] == 1]
        self.assertEqual(retained, [f"th/v1/{uid}/st"])
        self.assertEqual(
            [row["topic"] for row in rows if row["permission"] == "deny"], ["#"]
        )

    def test_revoke(self):
        before = self.lock.credential_seq
        self.lock.action_revoke()
        self.assertFalse(self.lock.sudo().mqtt_password)
        self.assertEqual(self.lock.credential_seq, before + 1)
        self.assertEqual(self.lock.credential_state, "revoking")
        for view in ("teahouse_mqtt_user", "teahouse_mqtt_acl"):
            self.assertEqual(self.rows(view, self.lock), [])
        uids = [self.lock.uid, self.power.uid]
        found = self.env["teahouse.device"]._broker_passwords(uids)
        self.assertEqual(list(found), [self.power.uid])

    def test_new_credential_ends_a_revocation(self):
        self.lock.action_revoke()
        self.lock.action_new_credential()
        self.assertFalse(self.lock.revoked)
        self.assertEqual(len(self.rows("teahouse_mqtt_user", self.lock)), 1)

    def test_archived_device_is_out(self):
        self.lock.active = False
        self.assertEqual(self.rows("teahouse_mqtt_user", self.lock), [])
        found = self.env["teahouse.device"]._broker_passwords([self.lock.uid])
        self.assertEqual(found, {})

    def test_signing_key_is_shown_once(self):
        action = self.lock.action_sign()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(len(bytes.fromhex(wizard.password)), 32)
        self.assertTrue(self.lock.signed)
        self.lock.action_unsign()
        self.assertFalse(self.lock.sudo().sig_key)

    def test_roles(self):
        technician = staff_of(self.env, "technician", self.store, "link-tech")
        staff = staff_of(self.env, "staff", self.store, "link-staff")
        cleaner = staff_of(self.env, "cleaner", self.store, "link-cleaner")
        self.lock.with_user(technician).action_revoke()
        with self.assertRaises(AccessError):
            self.power.with_user(staff).action_revoke()
        with self.assertRaises(AccessError):
            self.other_lock.with_user(technician).action_revoke()
        with self.assertRaises(AccessError):
            self.lock.with_user(technician).read(["mqtt_hash"])
        profiles = self.env["teahouse.device.profile"]
        self.assertTrue(profiles.with_user(staff).search([]))
        for user in (staff, cleaner):
            with self.assertRaises(AccessError):
                profiles.with_user(user).create({"name": "x"})
        announced = self.env["teahouse.device.announcement"]
        for user in (staff, cleaner):
            with self.assertRaises(AccessError):
                announced.with_user(user).search([])
        self.assertIsNotNone(announced.with_user(technician).search([]))


@tagged("post_install", "-at_install")
class TestBridge(DeviceCommon):
    def make_bridge(self, **values):
        return self.env["teahouse.broker.bridge"].create(
            {
                "name": "Zigbee",
                "username": "zigbee-1",
                "prefix": "zigbee2mqtt",
                "store_id": self.store.id,
                **values,
            }
        )

    def test_bridge_has_a_branch_of_its_own(self):
        bridge = self.make_bridge()
        self.lock.bridge_id = bridge
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT action, topic FROM teahouse_mqtt_acl"
            " WHERE username = 'zigbee-1' AND permission = 'allow' ORDER BY action"
        )
        self.assertEqual(
            self.env.cr.fetchall(),
            [("publish", "zigbee2mqtt/#"), ("subscribe", "zigbee2mqtt/#")],
        )
        found = self.env["teahouse.device"]._broker_passwords(
            ["zigbee-1", self.lock.uid]
        )
        self.assertEqual(list(found), ["zigbee-1"])
        self.assertEqual(self.lock.credential_state, "bridge")

    def test_bridge_cannot_reach_further(self):
        for prefix in ("th/v1", "th/v1/x", "$CONTROL", "#", "a/+", "", "/a", "a//b"):
            with self.subTest(prefix=prefix), self.assertRaises(UserError):
                self.make_bridge(prefix=prefix, username="zigbee-x")
        with self.assertRaises(ValidationError):
            self.make_bridge(username=self.lock.uid)

    def test_new_credential(self):
        bridge = self.make_bridge()
        before = bridge.password
        bridge.action_new_credential()
        self.assertNotEqual(bridge.password, before)
        self.assertEqual(bridge.credential_seq, 2)

    def test_technician_of_another_store(self):
        bridge = self.make_bridge()
        stranger = staff_of(self.env, "technician", self.other_store, "bridge-tech")
        with self.assertRaises(AccessError):
            bridge.with_user(stranger).action_new_credential()
        own = staff_of(self.env, "technician", self.store, "bridge-own")
        created = (
            self.env["teahouse.broker.bridge"]
            .with_user(own)
            .create(
                {
                    "name": "B",
                    "username": "b2",
                    "prefix": "b2",
                    "store_id": self.store.id,
                }
            )
        )
        self.assertTrue(created.sudo().password)


@tagged("post_install", "-at_install")
class TestProfileModel(DeviceCommon):
    def setUp(self):
        super().setUp()
        self.tasmota = self.env.ref("teahouse_iot.teahouse_device_profile_tasmota")

    def test_built_in_is_copied_to_be_changed(self):
        user = staff_of(self.env, "technician", self.store, "profile-tech")
        tasmota = self.tasmota.with_user(user)
        with self.assertRaises(ValidationError):
            tasmota.definition = "{}"
        with self.assertRaises(ValidationError):
            tasmota.unlink()
        copied = tasmota.copy()
        copied.definition = '{"dedup": false}'
        self.assertEqual((copied.built_in, copied.dedup), (False, False))

    def test_definition_is_checked(self):
        for text in ("{", "[]", '{"script": 1}'):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.env["teahouse.device.profile"].create(
                    {"name": "x", "definition": text}
                )

    def test_tester_reads_and_writes(self):
        record = self.tasmota.new(origin=self.tasmota)
        record.update(
            {
                "test_topic": "stat/door1/RESULT",
                "test_payload": '{"POWER":"ON"}',
                "test_act": "unlock",
            }
        )
        self.assertIn("st='done'", record.test_heard)
        self.assertEqual(
            record.test_sent, "cmnd/door1/Backlog\nPulseTime1 50; POWER1 ON"
        )
        record.test_topic = "stat/other/RESULT"
        self.assertIn("Nobody listens", record.test_heard)
        record.test_args = "{"
        self.assertIn("Not JSON", record.test_sent)

    def test_tester_of_the_own_protocol(self):
        own = self.env.ref("teahouse_iot.teahouse_device_profile_teahouse")
        record = own.new(origin=own)
        record.update(
            {
                "test_topic": "th/v1/door1/ack",
                "test_payload": '{"v":1,"id":"a","st":"opened"}',
                "test_act": "unlock",
            }
        )
        self.assertIn("bad_st", record.test_heard)
        self.assertIn('"act":"unlock"', record.test_sent)

    def test_device_must_fit_its_profile(self):
        self.lock.write({"profile_id": self.tasmota.id, "ref": "door9"})
        self.assertFalse(self.lock.dedup)
        for values in ({"ref": "a/#"}, {"profile_values": "["}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.lock.write(values)


@tagged("post_install", "-at_install")
class TestLockWithoutClock(DeviceCommon):
    """A lock that does not know from when to when a PIN is good."""

    def setUp(self):
        super().setUp()
        zigbee = self.env.ref("teahouse_iot.teahouse_device_profile_zigbee2mqtt")
        self.lock.write({"profile_id": zigbee.id, "ref": "lock1"})
        self.booking = self.make_booking(start=20)
        grants = self.env["teahouse.grant"]
        self.grant = grants.search([("booking_id", "=", self.booking.id)], limit=1)

    def test_pin_is_set_when_the_window_opens_and_cleared_after(self):
        [pin] = self.commands(device=self.lock, act="pin_set")
        [clear] = self.commands(device=self.lock, act="pin_del")
        self.assertEqual(pin.due_at, self.grant.valid_from)
        self.assertEqual(clear.due_at, self.grant.valid_to)
        self.assertEqual(clear.superkey, pin.superkey)

    def test_lock_that_knows_the_time_has_it_at_once(self):
        [pin] = self.commands(device=self.gate, act="pin_set")
        self.assertLess(pin.due_at, self.grant.valid_from)
        self.assertFalse(self.commands(device=self.gate, act="pin_del"))

    def test_waiting_for_the_window_is_no_alarm(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE teahouse_grant_key SET write_date = write_date - interval '1 hour'"
        )
        self.env["teahouse.alarm"]._watch_pins()
        alarms = self.env["teahouse.alarm"].search(
            [("kind", "=", "pin"), ("device_id", "in", (self.lock | self.gate).ids)]
        )
        self.assertEqual(alarms.device_id, self.gate)


@tagged("post_install", "-at_install")
class TestClaim(DeviceHttpCommon):
    url = "/teahouse/api/v1/devices/announce"

    def setUp(self):
        super().setUp()
        self.technician = staff_of(self.env, "technician", self.store, "claim-tech")

    def announce(self, code="7K3M-9QXT-22AB", secret=SECRET, status=200, **values):
        body = {"code": code, "secret": secret, "kind": "lock", **values}
        answer = self.url_open(self.url, json=body, method="POST")
        self.assertEqual(answer.status_code, status, answer.text)
        return answer.json()

    @property
    def announced(self):
        return self.env["teahouse.device.announcement"].search(
            [("state", "=", "waiting"), ("source", "=", "http")], limit=1
        )

    def bind(self, code, **values):
        wizard = (
            self.env["teahouse.device.bind"]
            .with_user(self.technician)
            .with_context(default_announcement_id=self.announced.id)
            .create(
                {
                    "code": code,
                    "name": "New door",
                    "uid": "new-door",
                    "store_id": self.store.id,
                    "room_id": self.room.id,
                    **values,
                }
            )
        )
        action = wizard.action_bind()
        return self.env["teahouse.device"].browse(action["res_id"])

    def test_printed_code(self):
        self.assertEqual(self.announce(model="TL-1")["state"], "waiting")
        self.assertEqual(self.announce()["state"], "waiting")
        self.assertEqual(self.announced.model, "TL-1")
        self.assertNotIn("7K3M", str(self.announced.read()))
        device = self.bind("7k3m 9qxt 22ab")
        answer = self.announce()
        self.assertEqual((answer["state"], answer["uid"]), ("bound", "new-door"))
        self.assertEqual(answer["password"], device.sudo().mqtt_password)

    def test_credential_is_given_until_the_device_was_online(self):
        self.announce()
        device = self.bind("7K3M9QXT22AB")
        self.assertIn("password", self.announce())
        self.env.cr.execute(
            "UPDATE teahouse_device SET state = 'online',"
            " state_at = (now() AT TIME ZONE 'UTC') + interval '1 minute'"
            " WHERE id = %s",
            [device.id],
        )
        device.invalidate_recordset()
        self.assertIsNone(self.announce().get("password"))

    def test_wrong_code_binds_nothing(self):
        self.announce()
        with self.assertRaises(TeahouseError) as caught:
            self.bind("AAAA-BBBB-CCCC")
        self.assertEqual(caught.exception.code, "forbidden")
        self.assertEqual(self.announce()["state"], "waiting")

    def test_somebody_else_with_the_same_code(self):
        self.announce()
        self.announce(secret="cd" * 32, status=403)

    def test_bound_once(self):
        self.announce()
        announced = self.announced
        self.bind("7K3M9QXT22AB")
        with self.assertRaises(TeahouseError):
            wizard = (
                self.env["teahouse.device.bind"]
                .with_user(self.technician)
                .with_context(default_announcement_id=announced.id)
                .create(
                    {
                        "code": "7K3M9QXT22AB",
                        "name": "x",
                        "uid": "x",
                        "store_id": self.store.id,
                    }
                )
            )
            wizard.action_bind()

    def test_shown_code(self):
        self.report(self.lock, online=False, state="unknown", state_at=None)
        action = self.lock.with_user(self.technician).action_claim_code()
        code = self.env[action["res_model"]].browse(action["res_id"]).sudo().code
        self.assertEqual(len(plain_code(code)), 12)
        self.assertEqual(self.announce(code, kind="power")["state"], "waiting")
        answer = self.announce(code, secret=SECRET, kind="lock")
        self.assertEqual(answer["state"], "bound")
        self.assertEqual(answer["uid"], self.lock.uid)
        self.assertFalse(self.lock.sudo().claim_mac, "good for one device")

    def test_broken_announcements(self):
        for values in (
            {"code": "short"},
            {"code": "x" * 40},
            {"secret": "guess"},
            {"kind": "bomb"},
            {"extra": 1},
        ):
            with self.subTest(values=values):
                self.announce(status=422, **values)
