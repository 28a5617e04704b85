from odoo import api, models


class TeahouseRestore(models.AbstractModel):
    """What a database does before it goes on after it was restored from a backup.

    What it was about to do then was done by the system that it is a copy of, or is
    too late now. Upper addons extend this with their own outboxes.
    """

    _name = "teahouse.restore"
    _description = "Rest after a restore"

    @api.model
    def _after_restore(self):
        """Give up what waits to be sent. Called once, before anything runs."""
        envelopes = [
            ("teahouse.notification", [("state", "=", "queued")], {"state": "expired"}),
            ("mail.mail", [("state", "=", "outgoing")], {"state": "cancel"}),
            ("sms.sms", [("state", "=", "outgoing")], {"state": "canceled"}),
        ]
        for model, waiting, rest in envelopes:
            self.env[model].sudo().search(waiting).write(rest)
        # One-time codes were sent for a moment that has passed.
        self.env["teahouse.otp"].sudo().search([]).unlink()
