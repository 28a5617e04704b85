"""The frame of the "Today" screen: tiles that each addon brings.

An addon inherits ``teahouse.today``, adds the name of a method to
:meth:`TeahouseToday._tile_methods` and returns a dict from it::

    def _tile_methods(self):
        return [*super()._tile_methods(), "_tile_arrivals"]

    def _tile_arrivals(self, scope):
        return {"key": "arrivals", "title": …, "value": "3", "sequence": 20}

The method runs as the user who looks, so rights and record rules hold; it returns
None for whom it is not. ``scope`` says which stores are looked at.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.timeutil import iso, to_aware, to_utc_naive

_logger = logging.getLogger(__name__)

BUS_TYPE = "teahouse_today"
#: Groups whose users have something to see on the screen.
LOOKING = ("staff", "cleaner", "technician", "accountant")
#: Keys of a tile besides ``key`` and ``title``, with what they are by default.
DEFAULTS = {
    "sequence": 100,
    # number, list or what a component in the registry of the client is named.
    "kind": "number",
    # A short text in large type, and one in small type below.
    "value": "",
    "text": "",
    # muted, success, warning or danger
    "level": "muted",
    "icon": "",
    # [{title, text, level, action}], for lists
    "items": [],
    # What a click opens: an action as the web client takes it
    "action": None,
    "wide": False,
}


@dataclass(frozen=True)
class Scope:
    """What the screen is about.

    :param stores: ``teahouse.store`` records that the user sees, one or all
    :param datetime now: naive UTC
    :param datetime day_start: of the local day of the first store, naive UTC
    :param datetime day_end: naive UTC
    """

    stores: models.Model
    now: datetime
    day_start: datetime
    day_end: datetime

    @property
    def domain(self):
        """Return the domain of what belongs to the stores, by ``store_id``."""
        return [("store_id", "in", self.stores.ids)]


class TeahouseToday(models.AbstractModel):
    _name = "teahouse.today"
    _description = "Today"

    @api.model
    @api.readonly
    def load(self, store_id=None):
        """Return the tiles of one store, or of all that the user works for.

        :param int store_id: None for all
        :rtype: dict
        """
        stores = self.env["teahouse.store"].search([("state", "!=", "closed")])
        chosen = stores.filtered(lambda store: store.id == store_id) or stores
        scope = self._scope(chosen)
        tiles = [self._tile(name, scope) for name in self._tile_methods()]
        tiles = [tile for tile in tiles if tile]
        return {
            "stores": [{"id": store.id, "name": store.name} for store in stores],
            "store_id": chosen.id if len(chosen) == 1 else None,
            "at": iso(scope.now, chosen[0]._zone() if chosen else UTC),
            "tiles": sorted(tiles, key=lambda tile: (tile["sequence"], tile["key"])),
        }

    @api.model
    def _scope(self, stores):
        now = fields.Datetime.now()
        if not stores:
            start = now.replace(hour=0, minute=0, second=0, microsecond=0)
            return Scope(stores, now, start, now)
        zone = stores[0]._zone()
        midnight = to_aware(now, zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        following = (midnight + timedelta(days=1, hours=12)).replace(hour=0)
        return Scope(stores, now, to_utc_naive(midnight), to_utc_naive(following))

    @api.model
    def _tile(self, name, scope):
        """Return a tile in full; one that fails must not take the others along."""
        try:
            # A statement that fails would take the whole transaction along.
            with self.env.cr.savepoint(flush=False):
                tile = getattr(self, name)(scope)
        except AccessError:
            return None
        except Exception:
            _logger.exception("Tile %s cannot be shown", name)
            tile = {
                "key": name,
                "title": self.env._("Not available"),
                "text": self.env._("This could not be worked out; see the log."),
                "level": "warning",
            }
        if not tile:
            return None
        unknown = tile.keys() - DEFAULTS.keys() - {"key", "title"}
        if unknown:
            raise ValueError(f"{name}: a tile has no {sorted(unknown)}")
        return {**DEFAULTS, **tile}

    @api.model
    def _changed(self, stores=None):
        """Tell the screens that are open that something in stores has changed.

        :param stores: ``teahouse.store`` records; None for something of all
        """
        ids = stores.ids if stores else [0]
        for name in LOOKING:
            # Not `ref`: it asks each time whether the group is still there.
            group_id = self.env["ir.model.data"]._xmlid_to_res_id(
                f"teahouse_base.teahouse_base_group_{name}", raise_if_not_found=True
            )
            group = self.env["res.groups"].browse(group_id)
            self.env["teahouse.live"]._tell(group, BUS_TYPE, stores=ids)

    # This addon's own tiles

    @api.model
    def _tile_methods(self):
        """Return the names of the methods that make tiles. Upper addons add theirs."""
        return ["_tile_stores", "_tile_review", "_tile_messages", "_tile_setup"]

    @api.model
    def _tile_stores(self, scope):
        """Stores that are not open, and rooms that are closed."""
        rooms = self.env["teahouse.room"].search(
            [*scope.domain, ("state", "!=", "open")]
        )
        paused = scope.stores.filtered(lambda store: store.state != "open")
        if not paused and not rooms:
            return None
        items = [
            {
                "title": store.name,
                "text": store.state_reason or self.env._("Paused"),
                "level": "warning",
                "action": self._open(store),
            }
            for store in paused
        ]
        items += [
            {
                "title": f"{room.store_id.name} · {room.name}",
                "text": self.env._("Room closed"),
                "level": "muted",
                "action": self._open(room),
            }
            for room in rooms[:10]
        ]
        return {
            "key": "stores",
            "title": self.env._("Not open"),
            "sequence": 80,
            "kind": "list",
            "icon": "fa-ban",
            "level": "warning",
            "value": str(len(paused) + len(rooms)),
            "items": items,
        }

    @api.model
    def _tile_review(self, scope):
        """Registrations that wait for staff."""
        if not self.env.user.has_group("teahouse_base.teahouse_base_group_staff"):
            return None
        waiting = self.env["teahouse.member"].search_count([("state", "=", "pending")])
        if not waiting:
            return None
        return {
            "key": "review",
            "title": self.env._("Registrations to review"),
            "sequence": 60,
            "icon": "fa-user-plus",
            "level": "warning",
            "value": str(waiting),
            "action": self._window("teahouse_base.teahouse_member_action_review"),
        }

    @api.model
    def _tile_messages(self, scope):
        """Messages of the last day that did not reach anybody."""
        messages = self.env["teahouse.notification"]
        if not messages.has_access("read"):
            return None
        domain = [("state", "=", "failed"), ("create_date", ">=", scope.day_start)]
        failed = messages.search_count(domain)
        if not failed:
            return None
        return {
            "key": "messages",
            "title": self.env._("Messages that failed today"),
            "sequence": 70,
            "icon": "fa-exclamation-triangle",
            "level": "danger",
            "value": str(failed),
            "action": {
                **self._window("teahouse_base.teahouse_notification_action"),
                "domain": [("state", "=", "failed")],
            },
        }

    @api.model
    def _tile_setup(self, scope):
        """What the set-up still lacks, for those who can do it."""
        if not self.env.user.has_group("teahouse_base.teahouse_base_group_owner"):
            return None
        steps = self.env["teahouse.setup"].load()["steps"]
        missing = [step for step in steps if step["state"] == "missing"]
        if not missing:
            return None
        return {
            "key": "setup",
            "title": self.env._("Set-up is not complete"),
            "sequence": 10,
            "kind": "list",
            "icon": "fa-list-ol",
            "level": "warning",
            "value": str(len(missing)),
            "items": [
                {"title": step["title"], "text": step["text"], "level": "warning"}
                for step in missing[:4]
            ],
            "action": self._client("teahouse_base.teahouse_setup_action"),
        }

    # Helpers for tiles

    @api.model
    def _open(self, record):
        """Return the action that opens a record."""
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [[False, "form"]],
        }

    @api.model
    def _window(self, xml_id):
        """Return a window action for the client, by its XML id."""
        action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
        keep = ("type", "name", "res_model", "views", "domain", "context", "target")
        return {key: action[key] for key in keep if key in action}

    @api.model
    def _client(self, xml_id):
        action = self.env["ir.actions.client"]._for_xml_id(xml_id)
        return {key: action[key] for key in ("type", "name", "tag", "target")}


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    def write(self, vals):
        """Override: open screens show what is not open."""
        result = super().write(vals)
        if "state" in vals:
            self.env["teahouse.today"]._changed(self)
        return result


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    def write(self, vals):
        """Override: open screens show what is not open."""
        result = super().write(vals)
        if "state" in vals:
            self.env["teahouse.today"]._changed(self.store_id)
        return result


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def write(self, vals):
        """Override: open screens show who waits for a review."""
        result = super().write(vals)
        if "state" in vals:
            self.env["teahouse.today"]._changed()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        """Override: open screens show who waits for a review."""
        members = super().create(vals_list)
        if any(member.state == "pending" for member in members.sudo()):
            self.env["teahouse.today"]._changed()
        return members
