"""Key ring of the encrypted fields, read from the server's configuration file.

``field_encrypted_keys = 1:BASE64[,2:BASE64…]`` lists AES-256 keys by id; the last
one encrypts, all of them decrypt. ``field_encrypted_index_key = BASE64`` keys the
blind indexes and every other keyed hash, so that rotating the encryption keys
leaves searches untouched. Neither is ever stored in the database.
"""

import base64
import binascii
import functools
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from odoo.tools import config

KEYS_OPTION = "field_encrypted_keys"
INDEX_OPTION = "field_encrypted_index_key"
PREFIX = "e1"
NONCE_BYTES = 12
KEY_BYTES = 32


class KeyRingError(Exception):
    """The key ring is missing, malformed, or lacks a key that is needed."""


class DecryptionError(Exception):
    """A stored value was changed, or moved from another row or field."""


class KeyRing:
    """AES-256-GCM with named keys, and keyed hashes separated by purpose."""

    def __init__(self, keys, index_key):
        """:param dict keys: key id (str) -> 32 bytes, the last one encrypts
        :param bytes index_key: 32 bytes
        """
        if not keys:
            raise KeyRingError(f"The option {KEYS_OPTION} lists no key.")
        for key_id, key in {**keys, "index": index_key}.items():
            if len(key) != KEY_BYTES:
                raise KeyRingError(f"Key {key_id!r} is not {KEY_BYTES} bytes long.")
        self.keys = keys
        self.active_id = list(keys)[-1]
        self._index_key = index_key
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}

    def encrypt(self, text, context):
        """Return the stored form ``e1:<key id>:<base64(nonce + ciphertext)>``.

        :param str context: what the value belongs to; decryption needs the same
        """
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._ciphers[self.active_id]
        sealed = nonce + cipher.encrypt(nonce, text.encode(), context.encode())
        return f"{PREFIX}:{self.active_id}:{base64.b64encode(sealed).decode()}"

    def decrypt(self, stored, context):
        """Return the text behind a stored form.

        :raise KeyRingError: its key is not in the ring
        :raise DecryptionError: it is not what was stored there
        """
        key_id = self.key_id(stored)
        if key_id not in self._ciphers:
            raise KeyRingError(f"Encryption key {key_id!r} is not in {KEYS_OPTION}.")
        try:
            sealed = base64.b64decode(stored.split(":", 2)[2], validate=True)
            nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
            return self._ciphers[key_id].decrypt(nonce, body, context.encode()).decode()
        except (InvalidTag, ValueError, IndexError) as error:
            raise DecryptionError(
                f"Encrypted value of {context} is damaged."
            ) from error

    @staticmethod
    def key_id(stored):
        """Return the id of the key that a stored form was encrypted with."""
        prefix, _sep, rest = stored.partition(":")
        if prefix != PREFIX or ":" not in rest:
            raise DecryptionError("Not an encrypted value.")
        return rest.partition(":")[0]

    def mac(self, purpose, data):
        """Return HMAC-SHA256 (32 bytes) of ``data`` under a key of ``purpose``.

        :param str purpose: separates the uses; equal data differs between purposes
        :param bytes data:
        """
        subkey = hmac.digest(self._index_key, purpose.encode(), hashlib.sha256)
        return hmac.digest(subkey, data, hashlib.sha256)

    def fingerprint(self, key_id):
        """Return a short one-way mark of a key, to notice a swapped one."""
        mark = hmac.digest(self.keys[key_id], b"fingerprint", hashlib.sha256)
        return mark[:8].hex()


def _decode(option, name, text):
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyRingError(f"Key {name!r} in {option} is not base64.") from error


@functools.lru_cache(maxsize=8)
def _parse(keys_text, index_text):
    keys = {}
    for entry in filter(None, (part.strip() for part in keys_text.split(","))):
        key_id, _sep, encoded = entry.partition(":")
        if not encoded or not key_id.isalnum() or key_id in keys:
            raise KeyRingError(f"{KEYS_OPTION} wants ID:BASE64 entries, ids unique.")
        keys[key_id] = _decode(KEYS_OPTION, key_id, encoded)
    return KeyRing(keys, _decode(INDEX_OPTION, "index", index_text))


def keyring():
    """Return the key ring of the running configuration.

    :raise KeyRingError: with the option to set, when it is missing or malformed
    """
    keys_text, index_text = config.get(KEYS_OPTION), config.get(INDEX_OPTION)
    if not keys_text or not index_text:
        missing = KEYS_OPTION if not keys_text else INDEX_OPTION
        raise KeyRingError(
            f"Encrypted fields need the option {missing} in the configuration file: "
            f"see the readme of field_encrypted on how to make keys."
        )
    return _parse(keys_text, index_text)
