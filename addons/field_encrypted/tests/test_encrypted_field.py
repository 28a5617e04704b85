from contextlib import ExitStack
from unittest.mock import patch

import psycopg2

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.orm.model_classes import add_to_registry
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ..fields import Encrypted
from ..keyring import DecryptionError, KeyRing, KeyRingError, keyring

PHONE = "+8613800000001"


class Person(models.Model):
    _name = "field.encrypted.test.person"
    _description = "Person with a secret"
    _inherit = ["field.encrypted.mixin"]
    _module = "field_encrypted"

    name = fields.Char()
    phone = Encrypted(blind_index="phone_index")
    phone_index = fields.Char(copy=False, readonly=True)
    secret = Encrypted()

    _phone_unique = models.Constraint("UNIQUE(phone_index)", "Phone is taken.")


@tagged("post_install", "-at_install")
class TestEncryptedField(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        name = Person._name
        add_to_registry(cls.registry, Person)
        cls.registry._setup_models__(cls.env.cr, [name])
        cls.registry.init_models(cls.env.cr, [name], {"module": "field_encrypted"})
        cls.addClassCleanup(cls._forget_model)
        cls.people = cls.env[name]

    @classmethod
    def _forget_model(cls):
        del cls.registry.models[Person._name]
        for parent in ("base", "field.encrypted.mixin"):
            cls.registry[parent]._inherit_children.discard(Person._name)
        cls.registry._setup_models__(cls.env.cr, [])

    def stored(self, person, column="phone"):
        person.flush_recordset()
        [(value,)] = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE id = %s",
                SQL.identifier(column),
                SQL.identifier(person._table),
                person.id,
            )
        )
        return value

    def fresh(self, person):
        self.env.flush_all()
        self.env.invalidate_all()
        return person.with_env(self.env)

    def test_text_is_readable_through_the_model_and_not_in_the_table(self):
        person = self.people.create({"name": "Lin", "phone": PHONE})

        self.assertTrue(self.stored(person).startswith("e1:"))
        self.assertNotIn("138", self.stored(person))
        self.assertEqual(self.fresh(person).phone, PHONE)
        self.assertEqual(person.read(["phone"])[0]["phone"], PHONE)

    def test_user_without_technical_rights_reads_and_writes_through_the_field(self):
        user = new_test_user(self.env, "reader", groups="base.group_user")
        self.env["ir.model.access"].create(
            {
                "name": "readers",
                "model_id": self.env["ir.model"]._get_id(Person._name),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
            }
        )
        own = self.people.with_user(user).create({"phone": "+8613700000007"})
        self.assertEqual(self.fresh(own).phone, "+8613700000007")
        person = self.fresh(self.people.create({"phone": PHONE})).with_user(user)

        self.assertEqual(person.phone, PHONE)
        person.phone = "+8613900000009"
        self.assertEqual(self.fresh(person).phone, "+8613900000009")
        with self.assertRaises(AccessError):
            person.read(["encryption_uid"])

    def test_write_to_many_rows_binds_each_row_apart(self):
        people = self.people.create([{"name": "a"}, {"name": "b"}])

        people.secret = "open sesame"

        self.assertNotEqual(
            self.stored(people[0], "secret"), self.stored(people[1], "secret")
        )
        self.assertEqual(
            self.fresh(people).mapped("secret"), ["open sesame", "open sesame"]
        )

    def test_empty_values_stay_empty(self):
        person = self.people.create({"phone": False, "secret": ""})
        self.assertIsNone(self.stored(person))
        self.assertFalse(self.fresh(person).phone)
        person.phone = PHONE
        person.phone = False
        self.assertIsNone(self.stored(person))
        self.assertFalse(person.phone_index)

    def test_search_finds_the_whole_value_only(self):
        person = self.people.create({"phone": PHONE})
        other = self.people.create({"phone": "+8613900000009"})
        empty = self.people.create({"name": "no phone"})
        mine = self.people.browse([person.id, other.id, empty.id])
        scope = [("id", "in", mine.ids)]

        find = self.people.search
        self.assertEqual(find([("phone", "=", PHONE)]), person)
        self.assertEqual(find(scope + [("phone", "!=", PHONE)]), other + empty)
        self.assertEqual(find([("phone", "in", [PHONE, other.phone])]), person + other)
        self.assertEqual(find(scope + [("phone", "=", False)]), empty)
        self.assertEqual(find(scope + [("phone", "!=", False)]), person + other)
        self.assertEqual(
            find(scope + [("phone", "in", [PHONE, False])]), person + empty
        )
        self.assertEqual(mine.filtered_domain([("phone", "=", PHONE)]), person)

    def test_search_by_part_or_without_index_is_refused(self):
        for domain in (
            [("phone", "ilike", "138")],
            [("secret", "=", "open sesame")],
        ):
            with self.subTest(domain), self.assertRaises(UserError):
                self.people.search(domain)

    def test_security_25_index_follows_the_value_and_cannot_be_forged(self):
        person = self.people.create({"phone": PHONE, "phone_index": "forged"})
        found = self.people._blind_index(person._name, "phone", PHONE)
        self.assertEqual(person.phone_index, found)
        person.write({"phone_index": "forged"})
        self.assertEqual(person.phone_index, found)
        person.phone = "+8613900000009"
        self.assertFalse(self.people.search([("phone", "=", PHONE)]))

    def test_two_rows_with_one_phone_are_refused_by_the_database(self):
        self.people.create({"phone": PHONE})
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
        ):
            self.people.create({"phone": PHONE})

    def test_security_24_ciphertext_moved_to_another_row_does_not_decrypt(self):
        victim = self.people.create({"secret": "mine"})
        thief = self.people.create({"secret": "other"})
        moved = self.stored(victim, "secret")
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET secret = %s WHERE id = %s",
                SQL.identifier(thief._table),
                moved,
                thief.id,
            )
        )
        self.env.invalidate_all()
        with self.assertRaises(DecryptionError):
            thief.secret  # noqa: B018

    def test_identity_of_a_row_never_changes(self):
        person = self.people.create({"secret": "mine", "encryption_uid": "chosen"})
        uid = person.encryption_uid
        self.assertNotEqual(uid, "chosen")
        forged = self.people.with_context(default_encryption_uid=uid)
        self.assertNotEqual(forged.create({"secret": "x"}).encryption_uid, uid)
        person.write({"encryption_uid": "chosen"})
        self.assertEqual(person.encryption_uid, uid)

    def test_copy_has_its_own_identity_and_its_own_ciphertext(self):
        person = self.people.create({"secret": "mine"})
        twin = person.copy()
        self.assertNotEqual(twin.encryption_uid, person.encryption_uid)
        self.assertEqual(self.fresh(twin).secret, "mine")

    def test_security_26_rotation_moves_everything_to_the_new_key(self):
        people = self.people.create(
            [{"phone": f"+86138000000{n:02}", "secret": f"s{n}"} for n in range(5)]
        )
        self.env.flush_all()
        old = keyring()
        ring = KeyRing({**old.keys, "new": b"n" * 32}, old._index_key)
        batches = []
        with self.use_ring(ring):
            self.env["field.encrypted.key"]._check_ring()
            total = self.env["field.encrypted.mixin"]._rotate_all(
                2, lambda *batch: batches.append(batch)
            )
            self.assertGreaterEqual(total, 10)
            self.assertIn((Person._name, "phone", 2), batches)
            self.env.invalidate_all()
            self.assertTrue(self.stored(people[0]).startswith("e1:new:"))
            self.assertEqual(people[4].secret, "s4")
            self.assertEqual(
                self.people.search([("phone", "=", people[3].phone)]), people[3]
            )
            self.assertEqual(
                self.env["field.encrypted.key"].search([]).mapped("key_id"), ["new"]
            )
            self.assertEqual(
                self.env["field.encrypted.mixin"]._rotate_all(), 0, "nothing is left"
            )

    def test_security_26_server_without_a_needed_key_refuses_to_start(self):
        ring = keyring()
        with self.use_ring(KeyRing({"other": b"o" * 32}, ring._index_key)):
            with self.assertRaisesRegex(KeyRingError, "lacks"):
                self.env["field.encrypted.key"]._check_ring()
        swapped = {key_id: b"s" * 32 for key_id in ring.keys}
        with self.use_ring(KeyRing(swapped, ring._index_key)):
            with self.assertRaisesRegex(KeyRingError, "not the one"):
                self.env["field.encrypted.key"]._check_ring()

    def test_model_without_the_mixin_is_refused(self):
        field = self.people._fields["secret"]
        with self.assertRaisesRegex(TypeError, "must inherit"):
            field.setup_nonrelated(self.env["res.partner"])

    def use_ring(self, ring):
        package = "odoo.addons.field_encrypted"
        stack = ExitStack()
        for module in (
            "fields",
            "models.field_encrypted_mixin",
            "models.field_encrypted_key",
        ):
            stack.enter_context(patch(f"{package}.{module}.keyring", return_value=ring))
        return stack
