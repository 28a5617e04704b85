from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.teahouse_base.tools.masking import mask_phone
from odoo.addons.teahouse_base.tools.phone import normalise_phone

REVEAL_GROUP = "teahouse_base.teahouse_base_group_reveal"


class TeahouseInquiry(models.Model):
    """Who asked: name and number of an inquiry, encrypted, beside its lead."""

    _name = "teahouse.inquiry"
    _description = "Inquiry from the app"
    _inherit = ["field.encrypted.mixin"]
    _order = "id desc"

    lead_id = fields.Many2one(
        "crm.lead", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="lead_id.company_id", store=True)
    name = Encrypted(string="Name (whole)", groups=fields.NO_ACCESS)
    phone = Encrypted(
        string="Phone (whole)", blind_index="phone_index", groups=fields.NO_ACCESS
    )
    phone_index = fields.Char(groups=fields.NO_ACCESS, readonly=True, index=True)
    phone_masked = fields.Char(string="Phone", readonly=True)

    @api.model
    def _mask_name(self, name):
        """Return the first sign of a name, and stars for the rest."""
        return name[:1] + "*" * min(max(len(name) - 1, 1), 3) if name else ""


class CrmLead(models.Model):
    _inherit = "crm.lead"

    teahouse_inquiry_ids = fields.One2many("teahouse.inquiry", "lead_id")
    teahouse_phone_masked = fields.Char(
        string="Phone of the inquiry", compute="_compute_teahouse_phone_masked"
    )
    teahouse_kind = fields.Selection(
        [("event", "Event"), ("franchise", "Franchise"), ("other", "Inquiry")],
        string="Inquiry about",
        readonly=True,
    )
    teahouse_asked_store_id = fields.Many2one(
        "teahouse.store", string="Asked at", readonly=True, index="btree_not_null"
    )
    teahouse_store_id = fields.Many2one(
        "teahouse.store", string="Became the store", readonly=True, copy=False
    )
    teahouse_booking_ids = fields.One2many(
        "teahouse.booking", "crm_lead_id", string="Became bookings"
    )

    def _compute_teahouse_phone_masked(self):
        for lead in self:
            lead.teahouse_phone_masked = (
                lead.sudo().teahouse_inquiry_ids[:1].phone_masked
            )

    def action_teahouse_reveal(self):
        """Show name and number of who asked; it leaves a trace."""
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(REVEAL_GROUP):
            raise AccessError(self.env._("Whole numbers are shown with a right only."))
        self.env["teahouse.audit"]._log("inquiry.reveal", self)
        inquiry_sudo = self.sudo().teahouse_inquiry_ids[:1]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": f"{inquiry_sudo.name or ''} {inquiry_sudo.phone or ''}",
                "sticky": True,
            },
        }

    def action_teahouse_make_store(self):
        """Make a store of a franchise inquiry and win the lead; done, it is opened."""
        self.ensure_one()
        self.check_access("write")
        if not self.teahouse_store_id:
            self.teahouse_store_id = self.env["teahouse.store"].create(
                {
                    "name": self.partner_name or self.name,
                    "company_id": (self.company_id or self.env.company).id,
                    "state": "paused",
                    "state_reason": self.env._("In preparation"),
                }
            )
            self.action_set_won()
        return {
            "type": "ir.actions.act_window",
            "res_model": "teahouse.store",
            "res_id": self.teahouse_store_id.id,
            "view_mode": "form",
        }

    def action_teahouse_link_booking(self, booking_id):
        """Note that a booking came of the lead, and win it."""
        self.ensure_one()
        self.check_access("write")
        booking = self.env["teahouse.booking"].browse(booking_id)
        booking.check_access("read")
        booking.sudo().crm_lead_id = self
        self.action_set_won()

    def action_teahouse_bookings(self):
        """Open the bookings of the lead."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bookings"),
            "res_model": "teahouse.booking",
            "view_mode": "list,form",
            "domain": [("crm_lead_id", "=", self.id)],
        }

    @api.model
    def _teahouse_seal_phones(self):
        """Take the numbers of older inquiries out of their leads; safe to repeat."""
        source = self.env.ref(
            "teahouse_marketing.utm_source_app", raise_if_not_found=False
        )
        leads = self.sudo().with_context(active_test=False, tracking_disable=True)
        for lead in leads.search(
            [
                ("source_id", "=", source.id if source else 0),
                ("phone", "!=", False),
                ("teahouse_inquiry_ids", "=", False),
            ]
        ):
            lead._teahouse_seal(lead.contact_name or "", lead.phone)

    def _teahouse_seal(self, name, phone):
        """Keep name and number of a lead encrypted beside it, and masked in it."""
        self.ensure_one()
        inquiries_sudo = self.env["teahouse.inquiry"].sudo()
        phone = normalise_phone(phone) or phone
        inquiries_sudo.create(
            {
                "lead_id": self.id,
                "name": name,
                "phone": phone,
                "phone_masked": mask_phone(phone),
            }
        )
        masked = inquiries_sudo._mask_name(name)
        title = self.name.replace(name, masked) if name else self.name
        self.write({"name": title, "contact_name": masked, "phone": False})


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    crm_lead_id = fields.Many2one(
        "crm.lead", string="Inquiry", copy=False, index="btree_not_null"
    )
