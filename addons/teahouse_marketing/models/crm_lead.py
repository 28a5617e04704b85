from odoo import api, models

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.masking import mask_phone
from odoo.addons.teahouse_base.tools.phone import normalise_phone

# Inquiries of one number: seconds, most.
PHONE_LIMITS = ((3600, 3), (86400, 6))


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _teahouse_inquire(self, body):
        """Make a lead of an inquiry from the app.

        :param body: kind, name, phone, message, store_id
        :raise TeahouseError: invalid_request
        """
        phone = normalise_phone(body.phone)
        if not phone:
            message = self.env._("Please enter a mobile number.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "phone", "message": message}]
            )
        wait = self.env["teahouse.throttle"].sudo()._hit("inquiry", phone, PHONE_LIMITS)
        if wait:
            raise TeahouseError(
                "rate_limited",
                self.env._("We have your inquiry and will call you."),
                retry_after=wait,
            )
        store_sudo = self.env["teahouse.store"].sudo()
        if body.store_id:
            store_sudo = store_sudo._api_find(body.store_id)
        company_sudo = store_sudo.company_id or self.env.ref("base.main_company").sudo()
        kinds = {
            "event": self.env._("Event"),
            "franchise": self.env._("Franchise"),
            "other": self.env._("Inquiry"),
        }
        where = f" · {store_sudo.name}" if store_sudo else ""
        masked = self.env["teahouse.inquiry"]._mask_name(body.name)
        lead_sudo = (
            self.sudo()
            .with_company(company_sudo)
            .create(
                {
                    "name": f"{kinds[body.kind]}{where} · {masked}",
                    "type": "lead",
                    "contact_name": masked,
                    "description": body.message or False,
                    "company_id": company_sudo.id,
                    "user_id": store_sudo.manager_id.id,
                    "source_id": self.env.ref("teahouse_marketing.utm_source_app").id,
                    "teahouse_kind": body.kind,
                    "teahouse_asked_store_id": store_sudo.id,
                }
            )
        )
        lead_sudo.env["teahouse.inquiry"].create(
            {
                "lead_id": lead_sudo.id,
                "name": body.name,
                "phone": phone,
                "phone_masked": mask_phone(phone),
            }
        )
        return {"received": True}
