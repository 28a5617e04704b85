"""The ``Encrypted`` field type."""

from odoo import fields
from odoo.exceptions import UserError

from .keyring import keyring


class Sealed(str):
    """A value as it lies in the database; decrypted when somebody looks."""

    __slots__ = ()


class Encrypted(fields.Char):
    """Text that is encrypted in the database (AES-256-GCM) and a Char elsewhere.

    The ciphertext is bound to model, field and row, so that a copied one does not
    decrypt. The model inherits ``field.encrypted.mixin``. The cache holds fetched
    values sealed: listing records costs no decryption.

    :param str blind_index: name of a Char field of the model that holds a keyed
        hash of the value; it serves equality searches and unique indexes. The value
        must be normalised before it is written.
    """

    blind_index = None
    translate = False

    def setup_nonrelated(self, model):
        super().setup_nonrelated(model)
        if not model._abstract and "encryption_uid" not in model._fields:
            raise TypeError(f"{self}: the model must inherit field.encrypted.mixin")
        if self.compute:
            raise TypeError(f"{self}: an encrypted field cannot be computed")

    def _context(self, uid):
        return f"{self.model_name}|{self.name}|{uid}"

    def index_value(self, value):
        """Return the blind index (hex) of a value, None for no value."""
        if not value:
            return None
        purpose = f"blind index {self.model_name}.{self.name}"
        return keyring().mac(purpose, str(value).encode()).hex()

    # Conversions

    def _insert_cache(self, records, values):
        sealed = (value and Sealed(value) for value in values)
        super()._insert_cache(records, sealed)

    def convert_to_cache(self, value, record, validate=True):
        if isinstance(value, Sealed):
            return value
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        if isinstance(value, Sealed):
            return keyring().decrypt(value, self._context(record.sudo().encryption_uid))
        return super().convert_to_record(value, record)

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        text = self.convert_to_cache(value, record, validate)
        if not text:
            return None
        return keyring().encrypt(text, self._context(values["encryption_uid"]))

    def get_column_update(self, record):
        value = record.env.transaction.field_data[self][record.id]
        if not value or isinstance(value, Sealed):
            return value or None
        return keyring().encrypt(value, self._context(record.sudo().encryption_uid))

    # Search, by equality only

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        if operator not in ("in", "not in"):
            raise UserError(
                model.env._("Field %s is encrypted: search the whole value.", self.name)
            )
        values = [value] if isinstance(value, str) or not value else list(value)
        if any(values) and not self.blind_index:
            raise UserError(
                model.env._("Field %s is encrypted and has no index.", self.name)
            )
        if not any(values):
            return super().condition_to_sql(
                field_expr, operator, values, model, alias, query
            )
        index = model._fields[self.blind_index]
        hashes = [self.index_value(item) or False for item in values]
        return index.condition_to_sql(index.name, operator, hashes, model, alias, query)

    def _description_sortable(self, env):
        return False

    def _description_groupable(self, env):
        return False
