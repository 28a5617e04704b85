import json

from odoo.tests import BaseCase

from ..tools.alipay_crypto import (
    answer_text,
    load_private_key,
    load_public_key,
    sign,
    signed_text,
    verify,
)
from .fake_alipay import key_pair


class TestCrypto(BaseCase):
    def test_signed_text_is_sorted_and_not_encoded(self):
        params = {"b": "茶 & 点", "a": "1", "sign": "x", "sign_type": "RSA2", "c": ""}

        self.assertEqual(signed_text(params), "a=1&b=茶 & 点&sign_type=RSA2")
        without = ("sign", "sign_type")
        self.assertEqual(signed_text(params, without), "a=1&b=茶 & 点")
        self.assertEqual(signed_text(params, without, True), "a=1&b=茶 & 点&c=")

    def test_signature_is_bound_to_the_text(self):
        key = key_pair("application")[0]
        signature = sign(key, "收款")

        self.assertTrue(verify(key.public_key(), "收款", signature))
        self.assertFalse(verify(key.public_key(), "退款", signature))
        for bad in (None, "", "****", "QUJD"):
            self.assertFalse(verify(key.public_key(), "收款", bad), bad)

    def test_keys_load_however_they_were_pasted(self):
        _key, private, public = key_pair("application")
        bare = "".join(private.split("\n")[1:-2])

        for text in (private, private.replace("\n", " "), bare):
            self.assertTrue(load_private_key(text))
        self.assertTrue(load_public_key("".join(public.split("\n")[1:-2])))
        for junk in ("", "no key", "QUJD"):
            with self.assertRaises(ValueError):
                load_private_key(junk)
            with self.assertRaises(ValueError):
                load_public_key(junk)

    def test_member_is_found_in_any_text(self):
        tricky = (
            {"code": "10000"},
            {"msg": "}"},
            {"msg": '"}{"'},
            {"msg": "\\"},
            {"msg": '\\"}'},
            {"msg": '"x_response":{"a":1}'},
            {"x_response": {"code": "inner"}},
            {"list": [{"a": "]"}, [{}], "{"]},
            {"msg": "退款成功"},
            {},
        )
        for value in tricky:
            for indent in (None, 2):
                inner = json.dumps(value, indent=indent, ensure_ascii=False)
                for text in (
                    f'{{"x_response":{inner},"sign":"a"}}',
                    f'{{ "sign" : "x_response", "x_response" : {inner} }}',
                    f'{{"other":{{"x_response":{{}}}},"x_response":{inner}}}',
                    f'{{"a":["x_response",{{"b":1}}],"x_response":{inner}}}',
                ):
                    self.assertEqual(answer_text(text, "x_response"), inner, text)

    def test_missing_member_is_none(self):
        for text in ("", "{}", '{"sign":"x_response"}', '{"x_response":{', "}{", '"'):
            self.assertIsNone(answer_text(text, "x_response"), text)
