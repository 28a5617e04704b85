from odoo import api, fields, models
from odoo.tools import SQL

from ..keyring import KeyRingError, keyring


class FieldEncryptedKey(models.Model):
    """Keys that this database was encrypted with: ids and marks, never the keys.

    A server that starts without one of them, or with another key under its id,
    stops with a clear message instead of showing damaged data.
    """

    _name = "field.encrypted.key"
    _description = "Encryption key in use"
    _rec_name = "key_id"
    _order = "id"

    key_id = fields.Char(required=True, readonly=True)
    fingerprint = fields.Char(required=True, readonly=True)

    _key_id_unique = models.Constraint("UNIQUE(key_id)", "This key is known already.")

    def _register_hook(self):
        super()._register_hook()
        self._check_ring()

    @api.model
    def _check_ring(self):
        """Compare the configured ring with the keys in use and note new ones.

        :raise KeyRingError: a key that this database needs is missing or differs
        """
        ring = keyring()
        known = {key.key_id: key.fingerprint for key in self.sudo().search([])}
        for key_id, fingerprint in known.items():
            if key_id not in ring.keys:
                raise KeyRingError(
                    f"Database {self.env.cr.dbname} holds data encrypted with key "
                    f"{key_id!r}, which the configuration lacks."
                )
            if ring.fingerprint(key_id) != fingerprint:
                raise KeyRingError(
                    f"Key {key_id!r} of the configuration is not the one that "
                    f"database {self.env.cr.dbname} was encrypted with."
                )
        # Two servers may start at once: the second one's row is not needed.
        for key_id in [key for key in ring.keys if key not in known]:
            self.env.execute_query(
                SQL(
                    """INSERT INTO field_encrypted_key (key_id, fingerprint)
                       VALUES (%s, %s) ON CONFLICT (key_id) DO NOTHING RETURNING id""",
                    key_id,
                    ring.fingerprint(key_id),
                )
            )

    @api.model
    def _forget_unused(self, used):
        """Drop the marks of keys that encrypt nothing any more.

        :param set used: key ids found in the data
        """
        keep = used | {keyring().active_id}
        self.sudo().search([("key_id", "not in", list(keep))]).unlink()
