"""What a store takes part in: a chain in one database differs from store to store."""

from odoo import api, models


class TeahouseStore(models.Model):
    """An addon whose part a store can do without adds a switch, on by default::

        use_waitlist = fields.Boolean(string="Waiting list", default=True)

        def _capability_fields(self):
            return {**super()._capability_fields(), "waitlist": "use_waitlist"}

    and shows it in the group ``capabilities`` of the store's form. With the addon
    absent the capability is absent from every store.
    """

    _inherit = "teahouse.store"

    @api.model
    def _capability_fields(self):
        """Return the switches by the names that the API gives the capabilities.

        :rtype: dict[str, str]
        """
        return {}

    def _capabilities(self):
        """Return the names of what this store takes part in, sorted.

        :rtype: list[str]
        """
        self.ensure_one()
        switches = self._capability_fields()
        return sorted(name for name, switch in switches.items() if self[switch])

    def _api_page(self):
        """Override to tell customers' apps which parts to show."""
        return {**super()._api_page(), "capabilities": self._capabilities()}
