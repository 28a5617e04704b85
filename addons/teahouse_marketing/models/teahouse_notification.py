from psycopg2.extras import execute_values

from odoo import api, fields, models

from odoo.addons.field_encrypted.keyring import keyring
from odoo.addons.teahouse_base.models.teahouse_notification import CHANNELS

SHARED = (
    "member_id template_id channel title event_key recipient_key due_at expires_at "
    "state sent_at"
).split()


class TeahouseNotification(models.Model):
    _inherit = "teahouse.notification"

    marketing = fields.Boolean(
        readonly=True, help="Advertising, which members may refuse."
    )

    @api.model
    def _notify_many(self, members, template, values, event_key, marketing=False):
        """Queue a message to very many members, in one statement.

        Texts, channels and quiet hours are those of `_notify`; who has been told of
        the event is not told again.

        :param members: ``teahouse.member`` records, some hundred at a time
        :param template: ``teahouse.notification.template``, or its code
        :param dict values: for the placeholders, the same for all
        :return: how many members were told
        """
        if isinstance(template, str):
            template = self.env["teahouse.notification.template"]._by_code(template)
        rows = []
        channels = [name for name in CHANNELS if template[f"channel_{name}"]]
        # By language, so that the texts are made once for all of them.
        for lang, group in members.sudo().grouped("lang").items():
            localised = template.with_context(lang=lang)
            for channel in channels if template.active else ():
                if channel == "inbox":
                    first = group[:1]
                    shared = self._prepare(
                        first, localised, channel, values, event_key, None
                    )
                    # What is in the inbox is sent: no service asks for the values.
                    shared["params"] = None
                    rows += [
                        {**shared, "member_id": one_id, "recipient_key": f"m{one_id}"}
                        for one_id in group.ids
                    ]
                    continue
                rows += [
                    self._prepare(member, localised, channel, values, event_key, None)
                    for member in group
                    if self._reaches(member, localised, channel)
                ]
        told = self._insert_rows(rows, marketing)
        waiting = {row["due_at"] for row in rows if row["state"] == "queued"}
        if waiting:
            cron_sudo = self.env.ref("teahouse_base.ir_cron_notification").sudo()
            cron_sudo._trigger(min(waiting))
        return told

    @api.model
    def _insert_rows(self, rows, marketing):
        """Write rows of `_prepare`, encrypted as the model would, without it."""
        if not rows:
            return 0
        self.flush_model()
        ring, now = keyring(), fields.Datetime.now()
        sealed = [self._fields[name] for name in ("body", "params")]
        data = []
        for row in rows:
            uid = self._fields["encryption_uid"].default(self)
            data.append(
                [
                    *(row[name] or None for name in SHARED),
                    *(
                        ring.encrypt(row[field.name], field._context(uid))
                        if row[field.name]
                        else None
                        for field in sealed
                    ),
                    uid,
                    self.env.company.id,
                    marketing,
                    0,
                    self.env.uid,
                    self.env.uid,
                    now,
                    now,
                ]
            )
        columns = ", ".join(SHARED)
        told = execute_values(
            self.env.cr._obj,
            f"""INSERT INTO teahouse_notification ({columns}, body, params,
                       encryption_uid, company_id, marketing, tries,
                       create_uid, write_uid, create_date, write_date)
                VALUES %s ON CONFLICT (event_key, channel, recipient_key) DO NOTHING
                RETURNING member_id""",  # noqa: S608  names of columns only
            data,
            page_size=1000,
            fetch=True,
        )
        self.invalidate_model()
        return len({member_id for (member_id,) in told})
