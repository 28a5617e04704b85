import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

CHUNK = 1000
MOST = 200_000


class TeahouseCouponBatch(models.Model):
    """Many coupons at once: codes for nobody yet, or one for each of many members.

    A job makes them in chunks, so that the office goes on meanwhile; what is made
    stays, and a job that died goes on where it stopped.
    """

    _name = "teahouse.coupon.batch"
    _description = "Batch of coupons"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)
    program_id = fields.Many2one(
        "loyalty.program",
        string="Coupon",
        required=True,
        domain="[('teahouse_coupon', '=', True)]",
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    audience = fields.Selection(
        [
            ("codes", "Codes without a member"),
            ("members", "Chosen members"),
            ("segment", "A segment"),
            ("all", "All members"),
        ],
        string="For",
        default="codes",
        required=True,
    )
    count = fields.Integer(string="How many", default=100)
    member_ids = fields.Many2many("teahouse.member", string="Members")
    segment_id = fields.Many2one("teahouse.segment", ondelete="restrict")
    campaign_id = fields.Many2one(
        "teahouse.campaign", readonly=True, copy=False, index="btree_not_null"
    )
    notify = fields.Boolean(string="Tell the members", default=True)
    state = fields.Selection(
        [("draft", "Draft"), ("running", "Running"), ("done", "Done")],
        default="draft",
        required=True,
        readonly=True,
        index=True,
    )
    total = fields.Integer(readonly=True)
    done = fields.Integer(string="Made", readonly=True)
    last_member_id = fields.Integer(readonly=True)
    progress = fields.Float(compute="_compute_progress")
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    seconds = fields.Float(string="Took seconds", readonly=True, digits=(8, 1))
    card_ids = fields.One2many("loyalty.card", "teahouse_batch_id", string="Coupons")

    _count_bounded = models.Constraint(
        f"CHECK(audience <> 'codes' OR count BETWEEN 1 AND {MOST})",
        "A batch has between 1 and 200,000 codes.",
    )

    @api.depends("program_id.name", "create_date")
    def _compute_name(self):
        for batch in self:
            batch.name = f"{batch.program_id.name or ''} · {batch.id or ''}"

    @api.depends("done", "total")
    def _compute_progress(self):
        for batch in self:
            share = batch.done / batch.total if batch.total else 0
            batch.progress = 100.0 if batch.state == "done" else 100 * share

    @api.ondelete(at_uninstall=False)
    def _unlink_draft_only(self):
        if any(batch.state != "draft" for batch in self):
            raise UserError(self.env._("Coupons of this batch are out already."))

    def _member_domain(self):
        """Return which members the batch is for."""
        self.ensure_one()
        domain = [("state", "=", "approved")]
        if self.audience == "members":
            return [*domain, ("id", "in", self.member_ids.ids)]
        if self.audience == "segment":
            return [*domain, *self.segment_id._member_domain()]
        return domain

    def action_generate(self):
        """Start making the coupons; asked twice it starts once."""
        self.check_access("write")
        for batch in self.filtered(lambda one: one.state == "draft"):
            if batch.audience == "segment" and not batch.segment_id:
                raise UserError(self.env._("Choose a segment."))
            members = self.env["teahouse.member"].sudo()
            total = (
                batch.count
                if batch.audience == "codes"
                else members.search_count(batch.sudo()._member_domain())
            )
            if not total:
                raise UserError(self.env._("There is nobody to give coupons to."))
            batch.sudo().write(
                {
                    "state": "running",
                    "total": total,
                    "started_at": fields.Datetime.now(),
                }
            )
            self.env["teahouse.audit"]._log("coupon.batch", batch, {"count": total})
        self.env.ref("teahouse_marketing.cron_coupon_batch").sudo()._trigger()

    def action_view_coupons(self):
        """Open the coupons of the batch."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_marketing.loyalty_card_action_coupons"
        )
        return {
            **action,
            "domain": [("teahouse_batch_id", "=", self.id)],
            "context": {"create": False},
        }

    @api.model
    def _cron_generate(self):
        """Make what is left of running batches, a chunk a transaction."""
        for batch in self.search([("state", "=", "running")], order="id"):
            while batch.state == "running":
                made = batch._make_chunk()
                left = max(batch.total - batch.done, 0)
                if not self.env["ir.cron"]._commit_progress(made, remaining=left):
                    return

    def _make_chunk(self):
        """Make the next coupons.

        :return: how many
        """
        self.ensure_one()
        if self.audience == "codes":
            members = [None] * min(CHUNK, self.total - self.done)
        else:
            members = self.env["teahouse.member"].search(
                [*self._member_domain(), ("id", ">", self.last_member_id)],
                order="id",
                limit=CHUNK,
            )
        if members:
            self._insert(members)
        vals = {"done": self.done + len(members)}
        if self.audience != "codes" and members:
            vals["last_member_id"] = members[-1].id
        if len(members) < CHUNK:
            now = fields.Datetime.now()
            vals |= {
                "state": "done",
                "finished_at": now,
                "seconds": (now - self.started_at).total_seconds(),
            }
        self.write(vals)
        return len(members)

    def _insert(self, members):
        """Write coupons and their first entries, in two statements."""
        cards = self.env["loyalty.card"]
        program = self.program_id
        now = fields.Datetime.now()
        common = (
            program.id,
            program.company_id.id or None,
            self.id,
            program._coupon_expiry(fields.Date.today()),
            self.env.uid,
            now,
        )
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s)",
                cards._new_coupon_code(),
                member.partner_id.id if member else None,
                member.id if member else None,
            )
            for member in members
        )
        created = self.env.execute_query(
            SQL(
                """INSERT INTO loyalty_card (code, partner_id, teahouse_member_id,
                          program_id, company_id, teahouse_batch_id, expiration_date,
                          create_uid, write_uid, create_date, write_date,
                          points, active, teahouse_state)
                   SELECT v.code, v.partner::int, v.member::int,
                          %s, %s, %s, %s, %s, %s, %s, %s, 1, true, 'available'
                     FROM (VALUES %s) AS v (code, partner, member)
                   RETURNING id""",
                *common[:5],
                common[4],
                now,
                now,
                rows,
            )
        )
        self.env.execute_query(
            SQL(
                """INSERT INTO loyalty_history (card_id, description, issued, used,
                          teahouse_event, order_model, order_id,
                          create_uid, write_uid, create_date, write_date)
                   SELECT c, %s, 1, 0, 'issued', %s, %s, %s, %s, %s, %s
                     FROM unnest(%s) AS c RETURNING id""",
                self.env._("Given"),
                self._name,
                self.id,
                self.env.uid,
                self.env.uid,
                now,
                now,
                [card_id for (card_id,) in created],
            )
        )
        cards.invalidate_model()
        if self.notify and self.audience != "codes":
            self.env["teahouse.notification"]._notify_many(
                members,
                "coupon_given",
                {"name": program.name},
                f"coupon-batch:{self.id}",
            )

    def action_repeat(self):
        """Open a new batch with the same choices."""
        self.ensure_one()
        copy = self.copy({"member_ids": [Command.set(self.member_ids.ids)]})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": copy.id,
            "view_mode": "form",
        }
