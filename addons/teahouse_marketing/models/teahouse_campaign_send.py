from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

CHUNK = 1000


class TeahouseCampaign(models.Model):
    """Messages of a campaign: to whom, when, what they cost and what came of them."""

    _inherit = "teahouse.campaign"

    segment_id = fields.Many2one("teahouse.segment", ondelete="restrict")
    template_id = fields.Many2one(
        "teahouse.notification.template",
        string="Message",
        ondelete="restrict",
        help="With its channels; without one nothing is sent.",
    )
    template_b_id = fields.Many2one(
        "teahouse.notification.template",
        string="Message B",
        ondelete="restrict",
        help="Half of the members get this one, to compare.",
    )
    program_id = fields.Many2one(
        "loyalty.program",
        string="Coupon for each",
        domain="[('teahouse_coupon', '=', True)]",
        ondelete="restrict",
    )
    send_at = fields.Datetime(string="Send at", help="Empty: at once.")
    cost_message = fields.Monetary(string="Cost of a message", default=0.0)
    budget = fields.Monetary(help="Most that the messages may cost; zero: no limit.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    audience_size = fields.Integer(
        compute="_compute_audience_size",
        string="Would reach",
        help="Members of the segment who take advertising and are below its limit.",
    )
    send_state = fields.Selection(
        [
            ("draft", "Not sent"),
            ("scheduled", "Scheduled"),
            ("running", "Sending"),
            ("done", "Sent"),
        ],
        string="Sending",
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
    )
    recipient_ids = fields.One2many("teahouse.campaign.recipient", "campaign_id")
    recipient_count = fields.Integer(string="Recipients", readonly=True, copy=False)
    told_count = fields.Integer(string="Told", readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    attribution_days = fields.Integer(
        default=7, help="Stays booked so many days after the message count as its work."
    )
    result_ids = fields.One2many("teahouse.campaign.result", "campaign_id")

    _costs = models.Constraint(
        "CHECK(cost_message >= 0 AND budget >= 0 AND attribution_days > 0)",
        "No cost is negative.",
    )

    @api.depends("told_count", "recipient_count", "send_state")
    def _compute_progress(self):
        for campaign in self:
            total = campaign.recipient_count
            share = campaign.told_count / total if total else 0
            done = campaign.send_state == "done"
            campaign.progress = 100.0 if done else 100 * share

    @api.depends("segment_id", "budget", "cost_message", "template_id")
    def _compute_audience_size(self):
        for campaign in self:
            if not campaign.template_id:
                campaign.audience_size = 0
                continue
            query = campaign._audience_query()
            size = self.env.execute_query(SQL("SELECT count(*) FROM (%s) q", query))
            campaign.audience_size = size[0][0]

    # === WHO === #

    def _message_limit(self):
        """Return how many messages the budget allows, None for no limit."""
        self.ensure_one()
        if not self.budget or not self.cost_message:
            return None
        return int(self.budget / self.cost_message + 1e-9)

    def _audience_query(self):
        """Return the query of the members who may be written to now.

        Advertising reaches nobody who refused it, nor more often than the company
        allows; both are asked again here, whatever the segment says.
        """
        self.ensure_one()
        members = self.env["teahouse.member"].sudo()
        domain = (
            Domain(self.segment_id._member_domain())
            if self.segment_id
            else Domain("state", "=", "approved")
        )
        domain &= Domain("marketing_opt_out", "=", False)
        self.env.flush_all()
        wanted = members._search(domain)
        company = self.company_id.sudo()
        return SQL(
            """SELECT m.id FROM teahouse_member m
                WHERE m.id IN %(wanted)s
                  AND (%(cap)s = 0 OR %(cap)s > (
                        SELECT count(*) FROM teahouse_campaign_recipient r
                         WHERE r.member_id = m.id AND r.campaign_id <> %(campaign)s
                           AND r.create_date > %(since)s))
                ORDER BY m.id LIMIT %(limit)s""",
            wanted=wanted.subselect(),
            cap=company.teahouse_marketing_cap,
            campaign=self._origin.id or 0,
            since=fields.Datetime.subtract(
                fields.Datetime.now(), days=company.teahouse_marketing_days
            ),
            limit=self._message_limit(),
        )

    def _gather(self):
        """Fix who gets the messages, and which of the two; in one statement."""
        self.ensure_one()
        self.env.cr.execute(
            SQL(
                """INSERT INTO teahouse_campaign_recipient (campaign_id, member_id,
                          variant, state, create_uid, write_uid,
                          create_date, write_date)
                   SELECT %(campaign)s, q.id,
                          CASE WHEN %(two)s AND row_number() OVER (
                                    ORDER BY md5(q.id::text || %(salt)s)) %% 2 = 0
                               THEN 'b' ELSE 'a' END,
                          'queued', %(uid)s, %(uid)s, %(now)s, %(now)s
                     FROM (%(query)s) q
                   ON CONFLICT (campaign_id, member_id) DO NOTHING""",
                campaign=self.id,
                two=bool(self.template_b_id),
                salt=f"campaign {self.id}",
                uid=self.env.uid,
                now=self.env.cr.now(),
                query=self._audience_query(),
            )
        )
        recipients = self.env["teahouse.campaign.recipient"]
        recipients.invalidate_model()
        count = recipients.search_count([("campaign_id", "=", self.id)])
        self.write({"send_state": "running", "recipient_count": count})

    # === SENDING === #

    def action_send(self):
        """Send, at once or when it is time; asked twice it is sent once."""
        self.check_access("write")
        for campaign in self.filtered(lambda one: one.send_state == "draft"):
            if not campaign.template_id:
                raise UserError(self.env._("Choose a message first."))
            campaign.send_state = "scheduled"
            self.env["teahouse.audit"]._log("campaign.send", campaign)
            cron = self.env.ref("teahouse_marketing.cron_campaigns").sudo()
            cron._trigger(campaign.send_at or fields.Datetime.now())

    def action_unschedule(self):
        """Take a message back that has not begun to be sent."""
        self.check_access("write")
        waiting = self.filtered(lambda one: one.send_state == "scheduled")
        waiting.send_state = "draft"

    @api.model
    def _cron_send(self):
        """Send what is due, some hundred members a transaction."""
        now = fields.Datetime.now()
        due = self.search(
            [
                ("send_state", "in", ("scheduled", "running")),
                "|",
                ("send_at", "=", False),
                ("send_at", "<=", now),
            ],
            order="send_at, id",
        )
        for campaign in due:
            if campaign.send_state == "scheduled":
                campaign._gather()
                self.env["ir.cron"]._commit_progress(remaining=campaign.recipient_count)
            while campaign.send_state == "running":
                done = campaign._send_chunk()
                if not self.env["ir.cron"]._commit_progress(done):
                    return

    def _send_chunk(self):
        """Write to the next members.

        :return: how many were looked at
        """
        self.ensure_one()
        # Not by `recipient_ids`, which would read all of a hundred thousand each time.
        recipients = self.env["teahouse.campaign.recipient"].search_fetch(
            [("campaign_id", "=", self.id), ("state", "=", "queued")],
            order="id",
            limit=CHUNK,
        )
        notifications = self.env["teahouse.notification"].with_company(self.company_id)
        told = 0
        for variant, template in (("a", self.template_id), ("b", self.template_b_id)):
            part = recipients.filtered(lambda one, v=variant: one.variant == v)
            # Who refused since the campaign began is left out.
            members = part.member_id.filtered(lambda m: not m.marketing_opt_out)
            if members and template:
                if self.program_id:
                    self._give_coupons(members)
                told += notifications._notify_many(
                    members,
                    template,
                    {"campaign": self.name, "coupon": self.program_id.name or ""},
                    self._event_key(variant),
                    marketing=True,
                )
        recipients.write({"state": "told"})
        vals = {"told_count": self.told_count + told}
        if len(recipients) < CHUNK:
            vals["send_state"] = "done"
        self.write(vals)
        return len(recipients)

    def _event_key(self, variant):
        return f"campaign:{self.id}:{variant}"

    def _give_coupons(self, members):
        """Give each a coupon, in the batch of the campaign."""
        batches = self.env["teahouse.coupon.batch"].sudo()
        batch = batches.search([("campaign_id", "=", self.id)], limit=1)
        if not batch:
            batch = batches.create(
                {
                    "program_id": self.program_id.id,
                    "company_id": self.company_id.id,
                    "campaign_id": self.id,
                    "audience": "members",
                    "notify": False,
                    "state": "done",
                }
            )
        batch._insert(members)
        batch.write({"total": batch.total + len(members)})
        batch.done = batch.total


class TeahouseCampaignRecipient(models.Model):
    """Who gets a campaign's message, and which one."""

    _name = "teahouse.campaign.recipient"
    _description = "Recipient of a campaign"
    _order = "id"
    _rec_name = "member_id"

    campaign_id = fields.Many2one(
        "teahouse.campaign", required=True, readonly=True, ondelete="cascade"
    )
    member_id = fields.Many2one(
        "teahouse.member", required=True, readonly=True, ondelete="cascade", index=True
    )
    variant = fields.Selection([("a", "A"), ("b", "B")], required=True, readonly=True)
    state = fields.Selection(
        [("queued", "Waiting"), ("told", "Told")], required=True, readonly=True
    )

    _once = models.Constraint(
        "UNIQUE(campaign_id, member_id)", "A member gets a campaign once."
    )
    _waiting = models.Index("(campaign_id, id) WHERE state = 'queued'")


class TeahouseCampaignResult(models.Model):
    """What came of a campaign: told, read, booked, revenue and cost, by message."""

    _name = "teahouse.campaign.result"
    _description = "Result of a campaign"
    _auto = False
    _order = "campaign_id, variant"

    campaign_id = fields.Many2one("teahouse.campaign", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    variant = fields.Selection([("a", "A"), ("b", "B")], readonly=True)
    told = fields.Integer(readonly=True)
    opened = fields.Integer(string="Read", readonly=True)
    booked = fields.Integer(string="Stays", readonly=True)
    revenue = fields.Monetary(readonly=True)
    cost = fields.Monetary(string="Cost of messages", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT min(r.id) AS id, r.campaign_id, c.company_id,
                   p.currency_id, r.variant,
                   count(*) FILTER (WHERE r.state = 'told') AS told,
                   count(n.id) AS opened,
                   coalesce(sum(b.stays), 0)::int AS booked,
                   coalesce(sum(b.revenue), 0) AS revenue,
                   count(*) FILTER (WHERE r.state = 'told')
                     * coalesce(c.cost_message, 0) AS cost
              FROM teahouse_campaign_recipient r
              JOIN teahouse_campaign c ON c.id = r.campaign_id
              JOIN res_company p ON p.id = c.company_id
              LEFT JOIN teahouse_notification n
                ON n.member_id = r.member_id AND n.channel = 'inbox'
               AND n.state = 'read'
               AND n.event_key = 'campaign:' || c.id || ':' || r.variant
              LEFT JOIN LATERAL (
                    SELECT count(*) AS stays, sum(amount_total) AS revenue
                      FROM teahouse_booking s
                     WHERE s.member_id = r.member_id
                       AND s.create_date >= r.create_date
                       AND s.create_date < r.create_date
                             + c.attribution_days * interval '1 day'
                       AND s.state IN ('confirmed', 'in_use', 'completed')
                       AND s.shadow_of_id IS NULL) b ON true
             GROUP BY r.campaign_id, c.company_id, p.currency_id, r.variant,
                      c.cost_message
            """
        )
