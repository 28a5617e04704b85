import base64
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..keyring import DecryptionError, KeyRing, KeyRingError, keyring

ONE, TWO, INDEX = b"1" * 32, b"2" * 32, b"i" * 32


def option(text):
    return base64.b64encode(text).decode()


@tagged("post_install", "-at_install")
class TestKeyRing(BaseCase):
    def setUp(self):
        super().setUp()
        self.ring = KeyRing({"1": ONE, "2": TWO}, INDEX)

    def configure(self, keys, index):
        values = {
            "field_encrypted_keys": keys,
            "field_encrypted_index_key": index,
        }
        patcher = patch(
            "odoo.addons.field_encrypted.keyring.config.get",
            side_effect=lambda name, default=None: values.get(name, default),
        )
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_text_survives_and_same_text_looks_different_each_time(self):
        text = "13800000001 茶"
        first, second = self.ring.encrypt(text, "c"), self.ring.encrypt(text, "c")
        self.assertNotEqual(first, second)
        self.assertEqual(self.ring.decrypt(first, "c"), text)
        self.assertEqual(self.ring.decrypt(second, "c"), text)

    def test_last_key_encrypts_and_older_ones_still_decrypt(self):
        old = KeyRing({"1": ONE}, INDEX).encrypt("tea", "c")
        self.assertEqual(self.ring.key_id(self.ring.encrypt("tea", "c")), "2")
        self.assertEqual(self.ring.decrypt(old, "c"), "tea")

    def test_value_of_another_context_does_not_decrypt(self):
        stored = self.ring.encrypt("tea", "res.partner|phone|a")
        with self.assertRaises(DecryptionError):
            self.ring.decrypt(stored, "res.partner|phone|b")

    def test_changed_or_malformed_values_do_not_decrypt(self):
        stored = self.ring.encrypt("tea", "c")
        flipped = stored[:-6] + ("A" if stored[-6] != "A" else "B") + stored[-5:]
        for damaged in (flipped, stored[:-12], "e1:2:", "e1:2:###", "tea", ""):
            with self.subTest(damaged), self.assertRaises(DecryptionError):
                self.ring.decrypt(damaged, "c")

    def test_missing_key_is_named_not_taken_for_damage(self):
        stored = self.ring.encrypt("tea", "c")
        with self.assertRaisesRegex(KeyRingError, "'2'"):
            KeyRing({"1": ONE}, INDEX).decrypt(stored, "c")

    def test_hashes_differ_by_purpose_and_ignore_the_encryption_keys(self):
        self.assertNotEqual(self.ring.mac("a", b"x"), self.ring.mac("b", b"x"))
        rotated = KeyRing({"3": b"3" * 32}, INDEX)
        self.assertEqual(self.ring.mac("a", b"x"), rotated.mac("a", b"x"))

    def test_configuration_is_read_with_the_last_key_active(self):
        self.configure(f"1:{option(ONE)}, 2:{option(TWO)}", option(INDEX))
        self.assertEqual(keyring().active_id, "2")

    def test_bad_configuration_says_which_option_is_wrong(self):
        good = f"1:{option(ONE)}"
        cases = [
            (None, option(INDEX), "field_encrypted_keys"),
            (good, None, "field_encrypted_index_key"),
            (f"{good},{good}", option(INDEX), "unique"),
            ("1:***", option(INDEX), "base64"),
            (f"1:{option(b'short')}", option(INDEX), "32 bytes"),
            (option(ONE), option(INDEX), "ID:BASE64"),
        ]
        for keys, index, words in cases:
            with self.subTest(words):
                self.configure(keys, index)
                with self.assertRaisesRegex(KeyRingError, words):
                    keyring()
