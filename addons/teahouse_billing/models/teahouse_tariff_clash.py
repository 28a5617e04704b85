from markupsafe import Markup

from odoo import api, fields, models

#: What a tariff may name, the most specific first.
SCOPES = ("room_ids", "room_type_ids", "store_ids")


class TeahouseTariff(models.Model):
    """Hourly tariffs that stand in each other's way, told before saving."""

    _inherit = "teahouse.tariff"

    clash_warning = fields.Html(compute="_compute_clash_warning", sanitize=False)

    @api.depends(
        "kind",
        "active",
        "company_id",
        "sequence",
        "date_from",
        "date_to",
        "valid_from",
        "valid_until",
        *SCOPES,
    )
    def _compute_clash_warning(self):
        for tariff in self:
            tariff.clash_warning = False
            if tariff.kind != "hourly" or not tariff.active:
                continue
            domain = [
                ("company_id", "=", tariff.company_id.id),
                ("kind", "=", "hourly"),
                ("id", "not in", (tariff._origin | tariff._versions()).ids),
            ]
            others = self.search(domain).filtered(tariff._clashes_with)
            notes = Markup().join(
                Markup("<li>%s</li>") % tariff._clash_note(other) for other in others
            )
            if notes:
                tariff.clash_warning = Markup('<ul class="mb-0">%s</ul>') % notes

    def _versions(self):
        """Return the other versions of the tariff: they follow one another."""
        self.ensure_one()
        found = self.env["teahouse.tariff"]
        before, after = self.previous_id, self._origin.next_ids
        while before or after:
            found |= before | after
            before, after = before.previous_id - found, after.next_ids - found
        return found

    def _scope(self):
        """Return what decides among hourly tariffs: the most specific one counts."""
        self.ensure_one()
        return next((name for name in SCOPES if self[name]), "")

    def _clashes_with(self, other):
        """Tell whether both could price a minute, neither being more specific."""
        self.ensure_one()
        if self._scope() != other._scope():
            return False
        if self._entry_extra() != other._entry_extra():
            # One is for some members only, which is why there are two.
            return False
        for name in SCOPES:
            mine, theirs = self[name]._origin, other[name]._origin
            if mine and theirs and not mine & theirs:
                return False
        return _overlap(
            (self.date_from, self.date_to), (other.date_from, other.date_to), last=True
        ) and _overlap(
            (self.valid_from, self.valid_until), (other.valid_from, other.valid_until)
        )

    def _clash_note(self, other):
        mine = (self.sequence, self._origin.id or float("inf"))
        first = self if mine < (other.sequence, other.id) else other
        return self.env._(
            "%(other)s is sold for the same rooms at the same time; %(first)s counts.",
            other=other.name,
            first=first.name or self.env._("this one"),
        )


def _overlap(one, two, last=False):
    """Tell whether two ranges meet; an empty bound is open.

    :param bool last: whether the upper bound is part of the range
    """

    def before(end, start):
        return bool(end and start) and (end < start if last else end <= start)

    return not before(one[1], two[0]) and not before(two[1], one[0])
