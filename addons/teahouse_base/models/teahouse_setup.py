"""The frame of the set-up: steps that each addon brings.

An addon inherits ``teahouse.setup``, adds the name of a method to
:meth:`TeahouseSetup._step_methods` and returns a dict from it::

    def _step_tariff(self):
        tariffs = self.env["teahouse.tariff"].search_count([])
        return {
            "key": "tariff",
            "title": self.env._("Prices"),
            "sequence": 50,
            "state": "done" if tariffs else "missing",
            "text": …,
            "action": {…},
        }
"""

from odoo import api, models

#: missing: nobody can book without it; advised: it goes without, but not well.
STATES = ("done", "missing", "advised")
DEFAULTS = {"sequence": 100, "text": "", "state": "advised", "action": None}


class TeahouseSetup(models.AbstractModel):
    _name = "teahouse.setup"
    _description = "Set-up"

    @api.model
    @api.readonly
    def load(self):
        """Return the steps in order, and how many are done.

        :rtype: dict
        """
        self.env["teahouse.store"].check_access("create")
        steps = [getattr(self, name)() for name in self._step_methods()]
        steps = [{**DEFAULTS, **step} for step in steps if step]
        wrong = [step["key"] for step in steps if step["state"] not in STATES]
        if wrong:
            raise ValueError(f"These steps have no such state: {wrong}")
        return {
            "steps": sorted(steps, key=lambda step: (step["sequence"], step["key"])),
            "done": sum(step["state"] == "done" for step in steps),
            "ready": all(step["state"] != "missing" for step in steps),
        }

    @api.model
    def _step_methods(self):
        """Return the names of the methods that make steps. Upper addons add theirs."""
        return [
            "_step_company",
            "_step_store",
            "_step_place",
            "_step_rooms",
            "_step_hours",
            "_step_photos",
            "_step_team",
            "_step_sms",
        ]

    @api.model
    def _step_company(self):
        company = self.env.company
        named = company.name != "My Company" and bool(company.country_id)
        return {
            "key": "company",
            "title": self.env._("Company"),
            "sequence": 10,
            "state": "done" if named else "missing",
            "text": company.name
            if named
            else self.env._("Its name, country and address stand on every bill."),
            "action": self._form("res.company", company.id),
        }

    @api.model
    def _stores(self):
        return self.env["teahouse.store"].search(
            [("company_id", "=", self.env.company.id)]
        )

    @api.model
    def _step_store(self):
        stores = self._stores()
        names = ", ".join(stores[:3].mapped("name"))
        return {
            "key": "store",
            "title": self.env._("Store"),
            "sequence": 20,
            "state": "done" if stores else "missing",
            "text": names or self.env._("Its name, address and contact phone."),
            "action": self._form("teahouse.store"),
        }

    @api.model
    def _first(self, stores, missing):
        """Return the form of the first store that lacks something, or of any."""
        store = missing[:1] or stores[:1]
        return self._form("teahouse.store", store.id) if store else None

    @api.model
    def _step_place(self):
        stores = self._stores()
        without = stores.filtered(lambda store: not (store.latitude or store.longitude))
        done = stores and not without
        return {
            "key": "place",
            "title": self.env._("Place on the map"),
            "sequence": 25,
            "state": "done" if done else "missing",
            "text": ""
            if done
            else self.env._("Guests look for the nearest store, and find the way."),
            "action": self._first(stores, without),
        }

    @api.model
    def _step_rooms(self):
        stores = self._stores()
        without = stores.filtered(lambda store: not store.room_ids)
        done = stores and not without
        return {
            "key": "rooms",
            "title": self.env._("Rooms"),
            "sequence": 30,
            "state": "done" if done else "missing",
            "text": self.env._("%s rooms", len(stores.room_ids))
            if done
            else self.env._("Several at once, with their capacity."),
            "action": {
                "type": "ir.actions.act_window",
                "name": self.env._("Add rooms"),
                "res_model": "teahouse.room.batch",
                "views": [[False, "form"]],
                "target": "new",
                "context": {"default_store_id": (without or stores)[:1].id},
            }
            if stores
            else None,
        }

    @api.model
    def _step_hours(self):
        stores = self._stores()
        without = stores.filtered(lambda s: not s.open_24h and not s.opening_ids)
        done = stores and not without
        return {
            "key": "hours",
            "title": self.env._("Opening hours"),
            "sequence": 40,
            "state": "done" if done else "missing",
            "text": self.env._("A store that says nothing is open all day and night."),
            "action": self._first(stores, without),
        }

    @api.model
    def _step_photos(self):
        stores = self._stores()
        without = stores.filtered(lambda store: not store.photo_ids)
        return {
            "key": "photos",
            "title": self.env._("Photos and words"),
            "sequence": 70,
            "state": "done" if stores and not without else "advised",
            "text": self.env._("Photos, introduction, arrival guide and Wi-Fi."),
            "action": self._first(stores, without),
        }

    @api.model
    def _step_team(self):
        team = self.env["teahouse.employee"].search_count([("is_owner", "=", False)])
        return {
            "key": "team",
            "title": self.env._("Team"),
            "sequence": 80,
            "state": "done" if team else "advised",
            "text": self.env._("Who cleans, who helps guests, who keeps the books."),
            "action": self.env["teahouse.today"]._window(
                "teahouse_base.teahouse_employee_action"
            ),
        }

    @api.model
    def _step_sms(self):
        company_sudo = self.env.company.sudo()
        done = bool(company_sudo._teahouse_sms_account())
        system = self.env.user.has_group("base.group_system")
        return {
            "key": "sms",
            "title": self.env._("SMS service"),
            "sequence": 75,
            "state": "done" if done else "advised",
            "text": self.env._("Guests log in by a code that is sent to their phone.")
            if system
            else self.env._("An administrator enters the account at an SMS service."),
            "action": self.env["teahouse.today"]._window(
                "teahouse_base.teahouse_sms_account_action"
            )
            if system
            else None,
        }

    @api.model
    def _form(self, model, record_id=False):
        """Return the action that opens a form in a dialog."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env[model]._description,
            "res_model": model,
            "res_id": record_id,
            "views": [[False, "form"]],
            "target": "new",
        }
