"""RSA2 signatures of Alipay, and where they are found. No Odoo."""

import base64
import binascii
import re

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)


def _der(text):
    """Return the bytes of a key, with or without PEM header and line breaks."""
    inner = re.sub(r"-----[^-]+-----|\s", "", text or "")
    try:
        return base64.b64decode(inner, validate=True)
    except binascii.Error as error:
        raise ValueError("The key is not valid base64.") from error


def load_private_key(text):
    """Return the RSA private key of a text (PKCS#8 or PKCS#1).

    :raise ValueError: it is not one
    """
    key = load_der_private_key(_der(text), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("The key is not an RSA key.")
    return key


def load_public_key(text):
    """Return the RSA public key of a text, a key or a certificate.

    :raise ValueError: it is neither
    """
    der = _der(text)
    try:
        key = load_der_public_key(der)
    except ValueError:
        key = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("The key is not an RSA key.")
    return key


def sign(private_key, text):
    """Return the base64 RSA2 signature of a text."""
    signature = private_key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode()


def verify(public_key, text, signature):
    """Tell whether a base64 RSA2 signature belongs to a text."""
    try:
        raw = base64.b64decode(signature or "", validate=True)
        public_key.verify(raw, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, InvalidSignature, ValueError):
        return False
    return True


def signed_text(params, without=("sign",), keep_empty=False):
    """Return the text that is signed for parameters: sorted ``key=value``.

    :param dict params: names and values, not encoded for a URL
    :param without: names that are left out
    :param bool keep_empty: whether parameters without value count
    """
    return "&".join(
        f"{key}={value}"
        for key, value in sorted(params.items())
        if key not in without and (keep_empty or value not in (None, ""))
    )


def answer_text(content, name):
    """Return the exact text of one member of an answer, which is what is signed.

    Braces inside of strings do not count, nor does the member's name within another
    value.

    :param str content: a JSON object as it came
    :param str name: the member, whose value is an object
    :return: the text from brace to brace, None if there is no such member
    """
    depth, key, start, position = 0, None, None, 0
    while position < len(content):
        sign_ = content[position]
        if sign_ == '"':
            end = _end_of_string(content, position)
            if depth == 1:
                key = content[position + 1 : end] if _is_key(content, end) else None
            position = end
        elif sign_ in "{[":
            depth += 1
            if depth == 2 and sign_ == "{" and key == name:
                start = position
        elif sign_ in "}]":
            depth -= 1
            if depth == 1 and start is not None:
                return content[start : position + 1]
        position += 1
    return None


def _end_of_string(content, start):
    """Return the position of the quote that ends a string."""
    position = start + 1
    while position < len(content) and content[position] != '"':
        position += 2 if content[position] == "\\" else 1
    return position


def _is_key(content, end):
    return content[end + 1 :].lstrip()[:1] == ":"
