"""Signatures and ciphers of WeChat Pay API v3, without Odoo."""

import base64
import binascii
import re
from datetime import UTC

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
)

API_V3_KEY_BYTES = 32


def _der(text):
    """Return the bytes of a PEM text, also of one whose line breaks were lost."""
    inner = re.sub(r"-----[^-]+-----|\s", "", text or "")
    try:
        return base64.b64decode(inner, validate=True)
    except binascii.Error as error:
        raise ValueError("The key is not valid base64.") from error


def load_private_key(text):
    """Return the RSA private key of a PEM text (PKCS#8 or PKCS#1).

    :raise ValueError: it is not one
    """
    key = load_der_private_key(_der(text), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("The key is not an RSA key.")
    return key


def load_public_key(text):
    """Return the RSA public key of a PEM text, a key or a certificate.

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


def sign(private_key, message):
    """Return the base64 SHA256-RSA signature of a text."""
    signature = private_key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.b64encode(signature).decode()


def verify(public_key, message, signature):
    """Tell whether a base64 signature belongs to a message.

    :param bytes message: what was signed
    """
    try:
        raw = base64.b64decode(signature or "", validate=True)
        public_key.verify(raw, message, padding.PKCS1v15(), hashes.SHA256())
    except (binascii.Error, InvalidSignature, ValueError):
        return False
    return True


def lines(*parts):
    """Return the text that is signed: every part on a line of its own."""
    return "".join(f"{part}\n" for part in parts)


def decrypt_resource(api_v3_key, resource):
    """Return the plain bytes of the resource of a notification.

    :param str api_v3_key: 32 characters
    :param dict resource: has ``algorithm``, ``nonce``, ``associated_data``,
        ``ciphertext``
    :raise ValueError: the resource is malformed or made with another key
    """
    try:
        if resource["algorithm"] != "AEAD_AES_256_GCM":
            raise ValueError("Unknown algorithm.")
        return AESGCM(api_v3_key.encode()).decrypt(
            resource["nonce"].encode(),
            base64.b64decode(resource["ciphertext"], validate=True),
            (resource.get("associated_data") or "").encode(),
        )
    except (KeyError, TypeError, AttributeError, binascii.Error, InvalidTag) as error:
        raise ValueError("The notification cannot be decrypted.") from error


def read_certificates(api_v3_key, answer):
    """Return the certificates of an answer of WeChat Pay, decrypted.

    :param dict answer: has ``data``, a list of encrypted certificates
    :return: dicts with ``serial``, ``pem``, ``valid_from``, ``valid_until`` (aware)
    :raise ValueError: one is not made with the key, or is not what it is said to be
    """
    found = []
    for entry in answer["data"]:
        pem = decrypt_resource(api_v3_key, entry["encrypt_certificate"]).decode()
        certificate = x509.load_der_x509_certificate(_der(pem))
        load_public_key(pem)
        if certificate.serial_number != int(entry["serial_no"], 16):
            raise ValueError("The certificate has another serial.")
        found.append(
            {
                "serial": entry["serial_no"],
                "pem": pem,
                "valid_from": _aware(certificate, "not_valid_before"),
                "valid_until": _aware(certificate, "not_valid_after"),
            }
        )
    return found


def _aware(certificate, name):
    # Older versions of the library know the naive names only.
    at = getattr(certificate, f"{name}_utc", None)
    return at or getattr(certificate, name).replace(tzinfo=UTC)
