from odoo import fields, models


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Analytic account",
        copy=False,
        index="btree_not_null",
        check_company=True,
        groups="teahouse_base.teahouse_base_group_accountant",
        help="Income and expenses of the room; made with the first entry.",
    )

    def _analytic_account(self):
        """Return the room's analytic account (sudo), made if it is missing."""
        self.ensure_one()
        room_sudo = self.sudo()
        if not room_sudo.analytic_account_id:
            company = room_sudo.company_id
            room_sudo.analytic_account_id = company._teahouse_make_analytic(
                "room", f"{room_sudo.store_id.name} {room_sudo.name}", room_sudo.code
            )
        return room_sudo.analytic_account_id

    def _analytic_distribution(self):
        """Return the analytic distribution of an entry for the room: store and room."""
        self.ensure_one()
        accounts = self.store_id._analytic_account() | self._analytic_account()
        return {",".join(str(account.id) for account in accounts): 100}
