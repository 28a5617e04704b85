from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.http import request
from odoo.modules.registry import Registry
from odoo.tools import SQL

from odoo.addons.field_encrypted.keyring import keyring

from ..tools.steps import Step, StepBuffer

#: Days for which single steps are kept; their sums stay.
KEEP = 60
#: Characters of a visitor's mark: enough to tell a store's visitors of a day apart.
MARK = 24


def write_steps(dbname, steps):
    """Write the steps of a process in one transaction of its own."""
    with Registry(dbname).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["teahouse.insight.step"]._write_steps(steps)


buffer = StepBuffer(write_steps)


class TeahouseInsightStep(models.Model):
    """Somebody saw a store, or a price of it, on a local day.

    Who it was cannot be read: the mark is a keyed hash that is another one on the
    next day. A second step of the same kind on one day is the same row.
    """

    _name = "teahouse.insight.step"
    _description = "Step of a visitor"
    _log_access = False

    store_id = fields.Many2one(
        "teahouse.store", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="store_id.company_id")
    kind = fields.Selection(
        [("seen", "Seen"), ("quoted", "Asked for a price")],
        required=True,
        readonly=True,
    )
    local_day = fields.Date(string="Day", required=True, readonly=True)
    visitor = fields.Char(required=True, readonly=True)
    noted_at = fields.Datetime(string="Noted at", required=True, readonly=True)

    _once = models.Constraint(
        "UNIQUE(store_id, local_day, kind, visitor)", "A step counts once a day."
    )
    _noted = models.Index("(noted_at)")

    @api.model
    def _note(self, kind, store):
        """Note what the visitor of this request does; no query, no wait, no error.

        :param str kind: ``seen`` or ``quoted``
        :param store: a ``teahouse.store`` record
        """
        if not request or not hasattr(request, "teahouse_session"):
            return
        if request.teahouse_session:
            who = f"user {self.env.uid}"
        else:
            http = request.httprequest
            who = f"{http.remote_addr} {http.user_agent.string}"
        now = fields.Datetime.now()
        buffer.add(Step(self.env.cr.dbname, kind, store.id, now, who))

    @api.model
    def _write_steps(self, steps):
        """Write steps that gathered in memory.

        :param list steps: of this database
        :return: how many of them are new on their day
        """
        stores = self.env["teahouse.store"].browse({step.store_id for step in steps})
        stores = {store.id: store for store in stores.exists()}
        now = fields.Datetime.now()
        rows = set()
        for step in steps:
            if step.store_id in stores:
                day = stores[step.store_id]._local(step.at).date()
                mark = keyring().mac(f"step {day}", step.who.encode()).hex()[:MARK]
                rows.add((step.store_id, step.kind, day, mark, now))
        if not rows:
            return 0
        self.env.cr.execute(
            SQL(
                """INSERT INTO teahouse_insight_step
                          (store_id, kind, local_day, visitor, noted_at)
                   VALUES %s ON CONFLICT DO NOTHING""",
                SQL(", ").join(SQL("%s", row) for row in sorted(rows)),
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount

    @api.autovacuum
    def _gc_old_steps(self):
        """Forget single steps; a day goes as a whole, so that its sums stay right."""
        limit = fields.Date.today() - timedelta(KEEP)
        self.env.cr.execute(
            SQL("DELETE FROM teahouse_insight_step WHERE local_day < %s", limit)
        )
        self.invalidate_model()


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    @api.model
    def _api_get(self, store_id):
        """Override of `teahouse_base`: somebody saw the store."""
        values = super()._api_get(store_id)
        self.env["teahouse.insight.step"]._note("seen", self.browse(store_id))
        return values


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    @api.model
    def _api_get(self, room_id):
        """Override of `teahouse_base`: somebody saw a room of the store."""
        values = super()._api_get(room_id)
        store_sudo = self.sudo().browse(room_id).store_id
        self.env["teahouse.insight.step"]._note("seen", store_sudo)
        return values


class TeahouseTariff(models.Model):
    _inherit = "teahouse.tariff"

    @api.model
    def _api_quote(self, body):
        """Override of `teahouse_billing`: somebody asked for a price."""
        values = super()._api_quote(body)
        store_sudo = self.env["teahouse.room"].sudo().browse(body.room_id).store_id
        self.env["teahouse.insight.step"]._note("quoted", store_sudo)
        return values
