import dataclasses
from datetime import date, datetime
from decimal import Decimal

from odoo import api, fields, models, tools

from .. import engine
from .teahouse_tariff import HOUR_KINDS, clock_minutes


@dataclasses.dataclass(frozen=True)
class Entry:
    """A tariff of a company as quotes need it, free of records."""

    ident: int
    kind: str
    rule: object
    sequence: int
    stores: frozenset
    types: frozenset
    rooms: frozenset
    date_from: date | None
    date_to: date | None
    valid_from: datetime | None
    valid_until: datetime | None
    extra: tuple

    def is_sold(self, at):
        """Tell whether bookings made at an instant (naive UTC) get it."""
        if self.valid_from and at < self.valid_from:
            return False
        return not self.valid_until or at < self.valid_until

    def is_for(self, room):
        """Tell whether it is for a room; a dimension that names none means all."""
        return (
            (not self.stores or room.store_id.id in self.stores)
            and (not self.types or room.room_type_id.id in self.types)
            and (not self.rooms or room.id in self.rooms)
        )

    def is_on(self, day):
        """Tell whether a day lies in its dates."""
        if self.date_from and day < self.date_from:
            return False
        return not self.date_to or day <= self.date_to

    def rank(self):
        """Key of the most specific first: room, type, store, company."""
        named = (self.rooms, self.types, self.stores)
        level = next((i for i, ids in enumerate(named) if ids), len(named))
        return level, self.sequence, self.ident


@dataclasses.dataclass(frozen=True)
class Catalog:
    """All prices of a company, and its calendar."""

    entries: tuple
    calendar: engine.Calendar


class TeahouseTariff(models.Model):
    """Which prices stand for a room."""

    _inherit = "teahouse.tariff"

    @api.model
    def _decimal(self, amount):
        """Return a stored amount as the exact decimal that it stands for."""
        return Decimal(repr(float(amount or 0)))

    def _catalog(self, company):
        """Return the prices and the calendar of a company.

        :rtype: Catalog
        """
        stamp = self.env["teahouse.tariff.stamp"]._current(company.id)
        return self._cached_catalog(company.id, stamp, self.env.lang)

    @tools.ormcache("company_id", "stamp", "lang")
    def _cached_catalog(self, company_id, stamp, lang):
        tariffs_sudo = self.sudo().search([("company_id", "=", company_id)])
        return Catalog(
            tuple(tariff_sudo._entry() for tariff_sudo in tariffs_sudo),
            self.env["teahouse.holiday"]._calendar(company_id),
        )

    def _entry(self):
        """Return a tariff as an entry of the catalog."""
        self.ensure_one()
        return Entry(
            ident=self.id,
            kind=self.kind,
            rule=self._engine_rule(),
            sequence=self.sequence,
            stores=frozenset(self.store_ids.ids),
            types=frozenset(self.room_type_ids.ids),
            rooms=frozenset(self.room_ids.ids),
            date_from=self.date_from or None,
            date_to=self.date_to or None,
            valid_from=self.valid_from or None,
            valid_until=self.valid_until or None,
            extra=self._entry_extra(),
        )

    def _entry_extra(self):
        """Return what upper addons need to know in :meth:`_is_sold_to`; hashable."""
        return ()

    @api.model
    def _is_sold_to(self, entry, member):
        """Tell whether a member may buy at an entry. Upper addons restrict it.

        :param Entry entry:
        :param member: ``teahouse.member``, empty for a visitor
        """
        return True

    def _engine_rule(self):
        """Return the tariff as the engine takes it."""
        self.ensure_one()
        if self.kind in HOUR_KINDS:
            hourly = self._engine_hourly()
            if self.kind == "hourly":
                return hourly
            deposit = self._decimal(self.deposit)
            own = hourly if self.band_ids else None
            return engine.Metered(self.name, own, deposit, self.id)
        values = {
            "name": self.name,
            "price": self._decimal(self.price),
            "days": self._engine_days(self.date_from, self.date_to),
            "several_per_stay": self.several_per_stay,
            "ident": self.id,
        }
        first, last = clock_minutes(self.window_from), clock_minutes(self.window_to)
        if self.kind == "session":
            return engine.Session(start=first, end=last, **values)
        return engine.Package(
            minutes=self.duration_minutes,
            window_from=first,
            window_to=min(last, 1439),
            **values,
        )

    def _engine_hourly(self):
        self.ensure_one()
        capped = self.cap_amount and self.cap_minutes
        bands = self.band_ids.sorted(lambda band: (band.sequence, band.id))
        return engine.Hourly(
            name=self.name,
            bands=tuple(band._engine_band() for band in bands),
            step=self.step_minutes,
            minimum=self.min_minutes,
            cap_amount=self._decimal(self.cap_amount) if capped else None,
            cap_minutes=self.cap_minutes,
            ident=self.id,
        )

    @api.model
    def _sold_for(self, room, start, at=None, member=None):
        """Return what is sold for a room.

        Of the hourly tariffs the most specific one counts. Dates of hourly and metered
        tariffs look at the day the stay begins, those of packages and sessions at the
        day the piece begins, which the engine does.

        :param start: of the stay, naive UTC
        :param at: instant of the sale, naive UTC; now by default
        :param member: who buys
        :return: the tariffs, and the calendar
        :rtype: tuple(engine.Tariffs, engine.Calendar)
        """
        room_sudo = room.sudo()
        store_sudo = room_sudo.store_id
        member = member if member is not None else self.env["teahouse.member"]
        at = at or fields.Datetime.now()
        day = store_sudo._local(start).date()
        catalog = self._catalog(store_sudo.company_id)
        sold = [
            entry
            for entry in catalog.entries
            if entry.is_sold(at)
            and entry.is_for(room_sudo)
            and self._is_sold_to(entry, member)
        ]
        hours = [e for e in sold if e.kind == "hourly" and e.is_on(day)]
        best = min(hours, key=Entry.rank, default=None)
        hourly = best and best.rule
        metered = [e.rule for e in sold if e.kind == "metered" and e.is_on(day)]
        tariffs = engine.Tariffs(
            hourly=hourly,
            pieces=tuple(e.rule for e in sold if e.kind in ("package", "session")),
            metered=tuple(
                rule if rule.hourly else dataclasses.replace(rule, hourly=hourly)
                for rule in metered
                if rule.hourly or hourly
            ),
        )
        return tariffs, catalog.calendar

    @api.model
    def _has_prices(self, company):
        """Tell whether a company has set up any price at all."""
        return bool(self._catalog(company).entries)
