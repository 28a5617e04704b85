from odoo.tests import BaseCase

from ..tools.wechatpay_crypto import (
    decrypt_resource,
    lines,
    load_private_key,
    load_public_key,
    sign,
    verify,
)
from .fake_wechatpay import API_V3_KEY, key_pair


class TestCrypto(BaseCase):
    def test_signed_text_has_a_line_for_every_part(self):
        text = lines("GET", "/v3/certificates", "1554208460", "593BEC0C", "")

        self.assertEqual(text, "GET\n/v3/certificates\n1554208460\n593BEC0C\n\n")

    def test_signature_is_verified_and_bound_to_the_text(self):
        key = key_pair("merchant")[0]
        signature = sign(key, "收款\n")
        public = key.public_key()

        self.assertTrue(verify(public, "收款\n".encode(), signature))
        self.assertFalse(verify(public, "退款\n".encode(), signature))
        for bad in (None, "", "WECHATPAY/SIGNTEST/abc", "****", "QUJD"):
            self.assertFalse(verify(public, "收款\n".encode(), bad), bad)

    def test_keys_load_however_they_were_pasted(self):
        _key, private, public = key_pair("merchant")
        bare = "".join(private.split("\n")[1:-2])

        for text in (private, private.replace("\n", " "), bare):
            self.assertTrue(load_private_key(text))
        self.assertTrue(load_public_key(public.replace("\n", " ")))
        for junk in ("", "no key", "QUJD"):
            with self.assertRaises(ValueError):
                load_private_key(junk)
            with self.assertRaises(ValueError):
                load_public_key(junk)

    def test_known_ciphertext_is_decrypted(self):
        # AES-256-GCM, the tag at the end.
        resource = {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "fdasflkja484",
            "associated_data": "certificate",
            "ciphertext": VECTOR,
        }

        self.assertEqual(decrypt_resource(API_V3_KEY, resource), b'{"mchid":"1"}')
        broken = (
            {"nonce": "fdasflkja485"},
            {"associated_data": "transaction"},
            {"ciphertext": "A" + VECTOR[1:]},
            {"ciphertext": "###"},
            {"algorithm": "AEAD_AES_128_GCM"},
            {"nonce": None},
        )
        for change in broken:
            with self.assertRaises(ValueError, msg=change):
                decrypt_resource(API_V3_KEY, {**resource, **change})
        with self.assertRaises(ValueError):
            decrypt_resource("f" * 32, resource)


VECTOR = "DUcegK33A8MEOgdZ+Two4xjwSjvZq8wswIf5wNM="
