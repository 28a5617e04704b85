from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ..engine.advice import full_hours, short_of_hands, weak_hours

#: Days gone by that advice on hours and on cleaning rests on.
HOURS_SEEN, CLEANING_SEEN = 56, 28
#: A cleaning that nobody waits for may take so long.
GRACE_MINUTES = 60
#: Stays of the coming days that are looked at.
AHEAD = 7
#: What a full hour is worth trying, and what a weak one, in percent.
RAISE, COUPON = 10, 20
#: Days for which advice that was put aside is silent.
ASIDE = 28
WORKDAYS = range(1, 6)


class TeahouseInsightAdvice(models.Model):
    """What an owner could do about a store, and the figure that says so."""

    _name = "teahouse.insight.advice"
    _description = "Advice"
    _log_access = False
    _order = "sequence, day, id"
    _rec_name = "title"

    store_id = fields.Many2one(
        "teahouse.store", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("cleaning", "More cleaners"),
            ("price", "A price to try"),
            ("coupon", "A coupon for weak hours"),
        ],
        required=True,
        readonly=True,
    )
    sequence = fields.Integer(readonly=True, aggregator=None)
    days = fields.Selection(
        [("work", "Monday to Friday"), ("weekend", "Saturday and Sunday")],
        readonly=True,
    )
    day = fields.Date(readonly=True)
    hour_start = fields.Integer(string="From hour", readonly=True, aggregator=None)
    hour_stop = fields.Integer(string="To hour", readonly=True, aggregator=None)
    taken = fields.Float(
        string="Rooms taken", readonly=True, aggregator="avg", help="Share."
    )
    expected = fields.Float(
        string="Stays expected", readonly=True, digits=(16, 1), aggregator=None
    )
    most = fields.Integer(
        string="Most cleanings of a day", readonly=True, aggregator=None
    )
    late = fields.Integer(string="Late cleanings", readonly=True, aggregator=None)
    cleanings = fields.Integer(readonly=True, aggregator=None)
    aside_until = fields.Date(
        string="Put aside until", readonly=True, help="Silent until then."
    )
    is_aside = fields.Boolean(
        string="Put aside", compute="_compute_is_aside", search="_search_is_aside"
    )
    title = fields.Char(compute="_compute_words")
    reason = fields.Char(compute="_compute_words")
    act = fields.Char(string="To do", compute="_compute_words")

    def _compute_is_aside(self):
        today = fields.Date.today()
        for advice in self:
            advice.is_aside = bool(advice.aside_until and advice.aside_until > today)

    def _search_is_aside(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("aside_until", ">", fields.Date.today())]

    # === FINDING === #

    @api.model
    def _advise(self, store):
        """Look at a store anew; what was put aside stays so.

        :param store: one ``teahouse.store`` record, whose forecast is fresh
        """
        today = store._local(fields.Datetime.now()).date()
        found = [
            *self._advise_cleaning(store, today),
            *self._advise_hours(store, today),
        ]
        names = ("kind", "days", "day", "hour_start")
        empty = {"days": False, "day": False, "hour_start": 0}
        old = {
            tuple(advice[name] for name in names): advice
            for advice in self.search([("store_id", "=", store.id)])
        }
        made = []
        for values in found:
            values = {**empty, **values}
            advice = old.pop(tuple(values[name] for name in names), None)
            if advice:
                advice.write(values)
            else:
                made.append({**values, "store_id": store.id})
        self.create(made)
        self.browse(one.id for one in old.values()).filtered(
            # What is silent must be known to be, should it come back before its time.
            lambda advice: not advice.is_aside
        ).unlink()

    @api.model
    def _advise_cleaning(self, store, today):
        """Return the coming days on which hands will be missing."""
        days = [(count, late) for _day, count, late in self._cleanings(store, today)]
        if not days:
            return []
        coming = self.env["teahouse.forecast"].search(
            [
                ("store_id", "=", store.id),
                ("local_day", ">=", today),
                ("local_day", "<", today + timedelta(AHEAD)),
            ]
        )
        found = []
        for forecast in coming:
            short = short_of_hands(forecast.expected, days)
            if short:
                found.append(
                    {
                        "kind": "cleaning",
                        "sequence": 10,
                        "day": forecast.local_day,
                        "expected": short.expected,
                        "most": short.most,
                        "late": short.late,
                        "cleanings": short.cleanings,
                    }
                )
        return found

    @api.model
    def _cleanings(self, store, today):
        """Return (day, cleanings, late ones) of the past weeks, by the store's clock.

        Late is what was not done when the next guests might come, or an hour after
        the room was free where nobody was to come.
        """
        tasks = self.env["teahouse.cleaning.task"]
        tasks.flush_model()
        local = SQL("(due_at AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", store.tz)
        return self.env.execute_query(
            SQL(
                """SELECT %(local)s, count(*), count(*) FILTER (
                          WHERE coalesce(finished_at, now() AT TIME ZONE 'UTC')
                              > coalesce(finish_by, due_at + %(grace)s))
                     FROM teahouse_cleaning_task
                    WHERE store_id = %(store)s
                      AND state NOT IN ('rejected', 'cancelled')
                      AND %(local)s >= %(since)s AND %(local)s < %(today)s
                    GROUP BY 1 ORDER BY 1""",
                local=local,
                grace=timedelta(minutes=GRACE_MINUTES),
                store=store.id,
                since=today - timedelta(CLEANING_SEEN),
                today=today,
            )
        )

    @api.model
    def _advise_hours(self, store, today):
        """Return hours that are full and hours that are weak, by kind of day."""
        found = []
        for days, shares in self._shares(store, today).items():
            for kind, sequence, run in (
                ("price", 20, full_hours(shares)),
                ("coupon", 30, weak_hours(shares)),
            ):
                if run:
                    found.append(
                        {
                            "kind": kind,
                            "sequence": sequence,
                            "days": days,
                            "hour_start": run.start,
                            "hour_stop": run.stop,
                            "taken": run.taken,
                        }
                    )
        return found

    @api.model
    def _shares(self, store, today):
        """Return by kind of day how much of the rooms was taken in each hour."""
        rooms = len(store.room_ids)
        since = today - timedelta(HOURS_SEEN)
        rows = self.env.execute_query(
            SQL(
                """SELECT extract(isodow FROM local_day) < 6, local_hour,
                          sum(used_minutes), min(min(local_day)) OVER ()
                     FROM teahouse_insight_hour
                    WHERE store_id = %s AND local_day >= %s AND local_day < %s
                    GROUP BY 1, 2""",
                store.id,
                since,
                today,
            )
        )
        # Four weeks of a store that is new say something, fewer days do not.
        if not rows or not rooms or rows[0][3] > today - timedelta(CLEANING_SEEN):
            return {}
        first = max(rows[0][3], since)
        past = [first + timedelta(number) for number in range((today - first).days)]
        work = sum(day.isoweekday() in WORKDAYS for day in past)
        times = {"work": work, "weekend": len(past) - work}
        shares = {days: [0.0] * 24 for days, count in times.items() if count}
        for is_work, hour, minutes, _first in rows:
            days = "work" if is_work else "weekend"
            shares[days][hour] = float(minutes) / (60 * rooms * times[days])
        return shares

    # === SAYING AND DOING === #

    @api.depends_context("lang")
    @api.depends("kind", "days", "day", "hour_start", "hour_stop", "taken", "expected")
    def _compute_words(self):
        for advice in self:
            words = getattr(advice, f"_words_{advice.kind or 'coupon'}")()
            advice.title, advice.reason, advice.act = words

    def _when(self):
        names = dict(self._fields["days"]._description_selection(self.env))
        return self.env._(
            "%(days)s, %(start)s:00 to %(stop)s:00",
            days=names.get(self.days, ""),
            start=self.hour_start,
            stop=self.hour_stop,
        )

    def _words_cleaning(self):
        day = format_date(self.env, self.day, date_format="EEE, MMM d")
        title = self.env._("%(day)s: plan more cleaners", day=day)
        if self.cleanings:
            reason = self.env._(
                "%(expected).0f stays are expected. On days with about as many, "
                "%(late)s of %(cleanings)s cleanings were late in the past four weeks.",
                expected=self.expected,
                late=self.late,
                cleanings=self.cleanings,
            )
        else:
            reason = self.env._(
                "%(expected).0f stays are expected; the most that was cleaned on one "
                "day of the past four weeks is %(most)s.",
                expected=self.expected,
                most=self.most,
            )
        return title, reason, self.env._("See cleanings")

    def _words_price(self):
        title = self.env._(
            "%(when)s: try prices %(percent)s %% higher",
            when=self._when(),
            percent=RAISE,
        )
        reason = self.env._(
            "%(taken).0f %% of the rooms were taken in the past eight weeks.",
            taken=100 * self.taken,
        )
        return title, reason, self.env._("See prices")

    def _words_coupon(self):
        title = self.env._(
            "%(when)s: bring guests with a coupon, say %(percent)s %% off",
            when=self._when(),
            percent=COUPON,
        )
        reason = self.env._(
            "%(taken).0f %% of the rooms were taken in the past eight weeks, less than "
            "half of the day's usual.",
            taken=100 * self.taken,
        )
        return title, reason, self.env._("Make the coupon")

    def action_act(self):
        """Open where the advice is followed, filled in as far as that goes."""
        self.ensure_one()
        return getattr(self, f"_act_{self.kind}")()

    def _act_cleaning(self):
        action = self.env["teahouse.today"]._window(
            "teahouse_booking.teahouse_cleaning_task_action"
        )
        mine = [("store_id", "=", self.store_id.id)]
        return {**action, "domain": mine, "context": {}}

    def _act_price(self):
        action = self.env["teahouse.today"]._window(
            "teahouse_billing.teahouse_tariff_action"
        )
        mine = ["|", ("store_ids", "=", False), ("store_ids", "in", self.store_id.ids)]
        return {**action, "domain": mine, "context": {}}

    def _act_coupon(self):
        programs = self.env["loyalty.program"]
        if not programs.has_access("create"):
            return self.env["teahouse.today"]._window(
                "teahouse_marketing.loyalty_program_action_coupons"
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("A coupon for weak hours"),
            "res_model": "loyalty.program",
            "views": [
                [
                    self.env.ref(
                        "teahouse_marketing.loyalty_program_view_form_coupons"
                    ).id,
                    "form",
                ]
            ],
            "context": {
                "default_teahouse_coupon": True,
                "default_program_type": "coupons",
                "default_name": self._when(),
                "default_coupon_kind": "percent",
                "default_coupon_value": COUPON,
                "default_coupon_store_ids": self.store_id.ids,
                "default_hour_from": self.hour_start,
                "default_hour_to": self.hour_stop,
                "default_day_type": "workday" if self.days == "work" else "weekend",
            },
        }

    def action_put_aside(self):
        """Be silent about it for four weeks."""
        self.check_access("read")
        self.sudo().aside_until = fields.Date.today() + timedelta(ASIDE)

    def _values(self):
        """Return what screens show of it."""
        return [
            {
                "id": advice.id,
                "kind": advice.kind,
                "store": advice.store_id.name,
                "title": advice.title,
                "reason": advice.reason,
                "act": advice.act,
            }
            for advice in self
        ]


class TeahouseInsight(models.AbstractModel):
    _inherit = "teahouse.insight"

    @api.model
    @api.readonly
    def load(self, store_id=None, days=28):
        """Override: with the advice for the stores; none to who may not decide."""
        return {**super().load(store_id, days), "advice": self._advice(store_id)}

    @api.model
    def _advice(self, store_id):
        advice = self.env["teahouse.insight.advice"]
        if not advice.has_access("read"):
            return []
        mine = [("is_aside", "=", False)]
        if store_id:
            mine.append(("store_id", "=", store_id))
        return advice.search(mine, limit=20)._values()


class TeahouseToday(models.AbstractModel):
    _inherit = "teahouse.today"

    @api.model
    def _tile_methods(self):
        return [*super()._tile_methods(), "_tile_advice"]

    @api.model
    def _tile_advice(self, scope):
        """What needs a decision, by the figures of the past weeks."""
        advice = self.env["teahouse.insight.advice"]
        if not advice.has_access("read"):
            return None
        domain = [*scope.domain, ("is_aside", "=", False)]
        found = advice.search(domain, limit=4)
        if not found:
            return None
        several = len(scope.stores) > 1
        return {
            "key": "advice",
            "title": self.env._("What needs a decision"),
            "sequence": 15,
            "kind": "list",
            "icon": "fa-lightbulb-o",
            "value": str(advice.search_count(domain)),
            "items": [
                {
                    "title": f"{one.store_id.name} · {one.title}"
                    if several
                    else one.title,
                    "text": one.reason,
                    "level": "warning" if one.kind == "cleaning" else "muted",
                    "action": self._open(one),
                }
                for one in found
            ],
            "action": self._window("teahouse_marketing.teahouse_insight_advice_action"),
        }
