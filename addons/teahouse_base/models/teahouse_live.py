"""Messages to screens that are open: which records they are to look at anew."""

from functools import partial

from odoo import api, models, modules
from odoo.http import request

from odoo.addons.bus.models.bus import channel_with_db

from ..tools.courier import courier, merge

HELD = "teahouse_live"


class TeahouseLive(models.AbstractModel):
    _name = "teahouse.live"
    _description = "Messages to open screens"

    @api.model
    def _tell(self, channel, kind, **ids):
        """Tell open screens that records have changed, once the transaction is kept.

        Once a transaction for each channel and type. What a request changed is sent a
        moment later by another thread; all else with the commit.

        :param channel: a record or (record, text), see ``bus.bus._sendone``
        :param str kind: type of the message
        :param ids: lists in the message by name, of record ids
        """
        hooks = self.env.cr.precommit
        if HELD not in hooks.data:
            hooks.data[HELD] = {}
            hooks.add(self.sudo()._let_go)
        target = (channel_with_db(self.env.cr.dbname, channel), kind)
        merge(hooks.data[HELD], {target: ids})

    @api.model
    def _let_go(self):
        told = self.env.cr.precommit.data.pop(HELD, {})
        if request and not modules.module.current_test:
            self.env.cr.postcommit.add(partial(courier.hand, self.env.cr.dbname, told))
        else:
            self._send(told)

    @api.model
    def _send(self, told):
        """Put messages on the bus.

        :param dict told: see :func:`..tools.courier.merge`
        """
        for (channel, kind), ids in told.items():
            payload = {name: sorted(values) for name, values in ids.items()}
            self.env["bus.bus"]._sendone(channel, kind, payload)
