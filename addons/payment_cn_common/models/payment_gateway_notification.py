from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from .. import const


class PaymentGatewayNotification(models.AbstractModel):
    """Notifications that were taken, so that none is taken twice.

    What they said is not kept: it names the payer, and the transaction knows the rest.
    """

    _name = "payment.gateway.notification"
    _description = "Notification of a payment gateway"
    _rec_name = "event_id"
    _order = "id desc"

    provider_id = fields.Many2one(
        "payment.provider", required=True, readonly=True, ondelete="cascade"
    )
    event_id = fields.Char(required=True, readonly=True)
    event_type = fields.Char(readonly=True)
    transaction_id = fields.Many2one(
        "payment.transaction", readonly=True, index=True, ondelete="cascade"
    )

    _event_unique = models.Constraint(
        "UNIQUE(provider_id, event_id)", "This notification was taken already."
    )

    @api.model
    def _claim(self, tx, event_id, event_type):
        """Note that a notification is being taken.

        Of several at once one wins. The others wait for it here and learn that it was
        taken; if the winner fails, the next one gets it.

        :param tx: the transaction it is about
        :return: whether it is new
        :rtype: bool
        """
        query = SQL(
            """INSERT INTO %(table)s
                   (provider_id, event_id, event_type, transaction_id,
                    create_date, write_date, create_uid, write_uid)
               VALUES (%(provider)s, %(event)s, %(type)s, %(tx)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC',
                       %(uid)s, %(uid)s)
               ON CONFLICT (provider_id, event_id) DO NOTHING RETURNING id""",
            table=SQL.identifier(self._table),
            provider=tx.provider_id.id,
            event=event_id,
            type=event_type,
            tx=tx.id,
            uid=self.env.uid,
        )
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(query, log_exceptions=False)
                return bool(self.env.cr.rowcount)
        except psycopg2.errors.SerializationFailure:
            # Somebody has committed the same one since this request began.
            return False

    @api.autovacuum
    def _gc_notifications(self):
        """Forget notifications that the gateway has long stopped repeating."""
        if self._abstract:
            # The vacuum calls what providers inherit from, too.
            return
        limit = fields.Datetime.now() - timedelta(days=const.KEEP_DAYS)
        self.search([("create_date", "<", limit)], limit=10000).unlink()
