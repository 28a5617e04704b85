from odoo import api, models

SHOWN = 6


class TeahouseToday(models.AbstractModel):
    _inherit = "teahouse.today"

    @api.model
    def _tile_methods(self):
        return [*super()._tile_methods(), "_tile_alarms"]

    @api.model
    def _tile_alarms(self, scope):
        """What devices complain about."""
        alarms = self.env["teahouse.alarm"]
        if not alarms.has_access("read"):
            return None
        found = alarms.search([*scope.domain, ("state", "=", "open")])
        if not found:
            return None
        kinds = dict(alarms._fields["kind"]._description_selection(self.env))
        return {
            "key": "alarms",
            "title": self.env._("Alarms"),
            "sequence": 40,
            "kind": "list",
            "icon": "fa-bell",
            "level": "danger",
            "value": str(len(found)),
            "items": [
                {
                    "title": alarm.device_id.name or alarm.store_id.name,
                    "text": kinds[alarm.kind],
                    "level": "danger",
                    "action": self._open(alarm),
                }
                for alarm in found[:SHOWN]
            ],
        }


class TeahouseSetup(models.AbstractModel):
    _inherit = "teahouse.setup"

    @api.model
    def _step_methods(self):
        return [*super()._step_methods(), "_step_devices"]

    @api.model
    def _step_devices(self):
        """Stores open their doors themselves, or somebody stands there."""
        bound = self.env["teahouse.device"].search_count(
            [("company_id", "=", self.env.company.id)], limit=1
        )
        return {
            "key": "devices",
            "title": self.env._("Devices"),
            "sequence": 60,
            "state": "done" if bound else "advised",
            "text": self.env._("Locks and power that follow the bookings."),
            "action": self.env["teahouse.today"]._window(
                "teahouse_iot.teahouse_device_action"
            ),
        }
