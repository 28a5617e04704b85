import uuid

from odoo import api, fields, models
from odoo.tools import SQL

from ..fields import Encrypted
from ..keyring import keyring


class FieldEncryptedMixin(models.AbstractModel):
    """What a model with encrypted fields needs: an identity for its rows.

    It also fills the blind indexes, and re-encrypts after a change of keys.
    """

    _name = "field.encrypted.mixin"
    _description = "Model with encrypted fields"

    encryption_uid = fields.Char(
        string="Encryption identity",
        default=lambda self: uuid.uuid4().hex,
        required=True,
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Binds encrypted values to this row.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        # The identity is never taken from outside, or rows could share one. It comes
        # from the default: users may not write the field.
        records = self
        if "default_encryption_uid" in self.env.context:
            context = dict(self.env.context)
            del context["default_encryption_uid"]
            records = self.with_context(context)  # pylint: disable=context-overridden
        return super(FieldEncryptedMixin, records).create(
            [self._without_identity(self._with_blind_indexes(v)) for v in vals_list]
        )

    def write(self, vals):
        return super().write(self._without_identity(self._with_blind_indexes(vals)))

    @staticmethod
    def _without_identity(vals):
        return {key: val for key, val in vals.items() if key != "encryption_uid"}

    @api.model
    def _encrypted_fields(self):
        """Return the encrypted fields of this model."""
        return [
            field
            for field in self._fields.values()
            if isinstance(field, Encrypted) and field.store
        ]

    @api.model
    def _with_blind_indexes(self, vals):
        indexes = {
            field.blind_index: field
            for field in self._encrypted_fields()
            if field.blind_index
        }
        # Only the field itself may set its index.
        result = {key: val for key, val in vals.items() if key not in indexes}
        for name, field in indexes.items():
            if field.name in vals:
                text = field.convert_to_cache(vals[field.name], self)
                result[name] = field.index_value(text)
        return result

    @api.model
    def _blind_index(self, model_name, field_name, value):
        """Return the blind index (hex) under which a value of a field is found."""
        return self.env[model_name]._fields[field_name].index_value(value)

    @api.model
    def _rotate_batch(self, field, limit):
        """Re-encrypt up to ``limit`` values of a field with the active key.

        Rows that somebody else is changing are left for a later call.

        :return: how many values were changed
        """
        ring = keyring()
        table, column = SQL.identifier(self._table), SQL.identifier(field.name)
        rows = self.env.execute_query(
            SQL(
                """SELECT id, encryption_uid, %(column)s FROM %(table)s
                    WHERE %(column)s NOT LIKE %(active)s
                    ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED""",
                column=column,
                table=table,
                active=f"e1:{ring.active_id}:%",
                limit=limit,
            )
        )
        for row_id, uid, stored in rows:
            context = field._context(uid)
            fresh = ring.encrypt(ring.decrypt(stored, context), context)
            self.env.cr.execute(
                SQL("UPDATE %s SET %s = %s WHERE id = %s", table, column, fresh, row_id)
            )
        self.invalidate_model([field.name])
        return len(rows)

    @api.model
    def _key_ids_in_use(self, field):
        """Return the ids of the keys that values of a field are encrypted with."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT split_part(%(column)s, ':', 2) FROM %(table)s "
                "WHERE %(column)s IS NOT NULL",
                column=SQL.identifier(field.name),
                table=SQL.identifier(self._table),
            )
        )
        return {key_id for (key_id,) in rows}

    @api.model
    def _rotate_all(self, limit=500, after_batch=None):
        """Re-encrypt the whole database with the active key.

        :param int limit: rows per batch
        :param after_batch: called as ``after_batch(model name, field name, rows)``
            after each batch; a command commits there
        :return: number of values changed
        """
        total, used = 0, set()
        for model in self.env.values():
            if model._abstract or not model._auto or not hasattr(model, "_rotate_all"):
                continue
            model_sudo = model.sudo()
            for field in model._encrypted_fields():
                while changed := model_sudo._rotate_batch(field, limit):
                    total += changed
                    if after_batch:
                        after_batch(model._name, field.name, changed)
                used |= model_sudo._key_ids_in_use(field)
        self.env["field.encrypted.key"]._forget_unused(used)
        return total
