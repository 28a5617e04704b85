from markupsafe import Markup

from odoo import api, fields, models

from .. import engine
from .teahouse_days_mixin import WEEKDAYS
from .teahouse_tariff import HOUR_KINDS, clock_text

#: From the cheapest hour to the dearest, hues of the chart.
CHEAP_HUE, DEAR_HUE = 150, 20
DAY_MINUTES = 1440


class TeahouseTariff(models.Model):
    """What the owner sees of the bands while writing them."""

    _inherit = "teahouse.tariff"

    week_chart = fields.Html(
        string="Prices of the week", compute="_compute_week_chart", sanitize=False
    )
    band_warning = fields.Html(
        string="Please check", compute="_compute_week_chart", sanitize=False
    )

    @api.depends(
        "kind",
        "currency_id",
        "band_ids.sequence",
        "band_ids.time_from",
        "band_ids.time_to",
        "band_ids.price_hour",
        "band_ids.day_type",
        *(f"band_ids.{day}" for day in WEEKDAYS),
    )
    def _compute_week_chart(self):
        for tariff in self:
            tariff.week_chart = tariff.band_warning = False
            if tariff.kind not in HOUR_KINDS or not tariff.band_ids:
                continue
            records = tariff.band_ids.sorted(lambda band: band.sequence)
            try:
                bands = [band._engine_band() for band in records]
            except ValueError:
                # A time or price that saving will refuse anyway.
                continue
            tariff.week_chart = tariff._draw_week(bands)
            tariff.band_warning = tariff._describe_review(bands, records)

    def _day_label(self, day):
        weekday, kind = day
        if kind == "holiday":
            return self.env._("Holiday")
        name = WEEKDAYS[weekday]
        return self.env["teahouse.tariff"]._fields[name]._description_string(self.env)

    def _draw_week(self, bands):
        """Return a row for each kind of day, its hours coloured by their price."""
        prices = sorted({band.price for band in bands})
        rows = Markup()
        for day in (*engine.WEEK, engine.HOLIDAY):
            cells = Markup().join(
                self._draw_cell(bands, prices, *stretch)
                for stretch in engine.stretches(bands, *day)
            )
            rows += Markup(
                '<div class="d-flex align-items-center mb-1">'
                '<span class="text-muted" style="width:4rem">%s</span>'
                '<div class="d-flex flex-grow-1 rounded overflow-hidden">%s</div></div>'
            ) % (self._day_label(day), cells)
        hours = Markup().join(
            Markup('<span style="width:%.4f%%">%s</span>')
            % (100 / 8, clock_text(hour * 60))
            for hour in range(0, 24, 3)
        )
        axis = Markup(
            '<div class="d-flex small text-muted"><span style="width:4rem"></span>'
            '<div class="d-flex flex-grow-1">%s</div></div>'
        )
        return Markup('<div class="o_teahouse_week">%s%s</div>') % (axis % hours, rows)

    def _draw_cell(self, bands, prices, begin, end, index):
        width = 100 * (end - begin) / DAY_MINUTES
        if index is None:
            label, colour = "–", "#e9ecef"
        else:
            price = bands[index].price
            label = f"{float(price):g}"
            part = prices.index(price) / max(len(prices) - 1, 1)
            hue = CHEAP_HUE + (DEAR_HUE - CHEAP_HUE) * part
            colour = f"hsl({hue:.0f} 45% 82%)"
        return Markup(
            '<div class="text-center text-truncate small py-1 border-end border-white"'
            ' style="width:%.4f%%;background:%s;color:#333" title="%s–%s">%s</div>'
        ) % (width, colour, clock_text(begin), clock_text(end), label)

    def _describe_review(self, bands, records):
        """Return what stands out in the bands, as a list; False for nothing."""
        found = engine.review(bands)
        names = records.mapped("display_name")
        days_of = {}
        for day, holes in found.gaps.items():
            days_of.setdefault(tuple(holes), []).append(self._day_label(day))
        notes = [
            self.env._(
                "No price on %(days)s: %(times)s. Stays that touch it cannot be bought "
                "by the hour.",
                days=", ".join(days),
                times=", ".join(f"{clock_text(a)}–{clock_text(b)}" for a, b in holes),
            )
            for holes, days in days_of.items()
        ]
        notes += [
            self.env._("%s never counts: bands before it match all its time.", names[i])
            for i in found.unused
        ]
        notes += [
            self.env._(
                "%(first)s and %(second)s overlap; the first one counts.",
                first=names[i],
                second=names[j],
            )
            for i, j in found.overlaps
            if j not in found.unused
        ]
        items = Markup().join(Markup("<li>%s</li>") % note for note in notes)
        return Markup('<ul class="mb-0">%s</ul>') % items if notes else False
