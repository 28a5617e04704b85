"""The staff of a company, as its owners see it: who, in which roles, for which stores.

Rights are handed out here without access to Odoo's users: only the roles below the
owner's can be given, only to people who are no owners and no administrators, and each
change is in the trail.
"""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tools import SQL

OWNER_GROUP = "teahouse_base.teahouse_base_group_owner"
#: field of the model -> group that it stands for
ROLES = {
    f"is_{role}": f"teahouse_base.teahouse_base_group_{role}"
    for role in ("manager", "staff", "cleaner", "technician", "accountant")
}
GIVEN = {**ROLES, "may_reveal": "teahouse_base.teahouse_base_group_reveal"}
#: field of the model -> field of the user
PASSED_ON = {
    "name": "name",
    "login": "login",
    "email": "email",
    "store_ids": "teahouse_store_ids",
    "active": "active",
}
ADMINISTRATORS = ("base.group_erp_manager", "base.group_system")


class TeahouseEmployee(models.Model):
    _name = "teahouse.employee"
    _description = "Employee"
    _auto = False
    _order = "active desc, name, id"

    user_id = fields.Many2one("res.users", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    name = fields.Char(required=True)
    login = fields.Char(required=True, help="What the employee logs in with.")
    email = fields.Char(help="The invitation is sent there, if there is one.")
    active = fields.Boolean(default=True)
    is_owner = fields.Boolean(string="Owner", readonly=True)
    is_manager = fields.Boolean(
        string="Manager", help="Everything in the assigned stores, their settings too."
    )
    is_staff = fields.Boolean(
        string="Staff", help="Bookings and members of the assigned stores."
    )
    is_cleaner = fields.Boolean(
        string="Cleaner", help="Own cleaning tasks and the rooms they concern."
    )
    is_technician = fields.Boolean(
        string="Technician",
        help="Devices of the assigned stores; no customers, no money.",
    )
    is_accountant = fields.Boolean(
        string="Accountant",
        help="Invoicing, settlement and reports of the company; no devices.",
    )
    may_reveal = fields.Boolean(
        string="Sees whole phone numbers", help="Each look leaves a trace."
    )
    roles = fields.Char(compute="_compute_roles")
    store_ids = fields.Many2many(
        "teahouse.store",
        string="Stores",
        compute="_compute_store_ids",
        search="_search_store_ids",
        readonly=False,
        help="Managers, staff, cleaners and technicians see these stores only.",
    )
    login_date = fields.Datetime(string="Last login", readonly=True)
    can_change = fields.Boolean(compute="_compute_can_change")

    @property
    def _table_query(self):
        groups = {"is_owner": OWNER_GROUP, **GIVEN}
        flags = [
            SQL(
                """EXISTS (SELECT 1 FROM res_groups_users_rel g
                            WHERE g.uid = u.id AND g.gid = %s) AS %s""",
                self.env.ref(group).id,
                SQL.identifier(name),
            )
            for name, group in groups.items()
        ]
        return SQL(
            """SELECT u.id, u.id AS user_id, u.company_id, p.name, u.login, p.email,
                      u.active, (SELECT max(l.create_date) FROM res_users_log l
                                  WHERE l.create_uid = u.id) AS login_date, %s
                 FROM res_users u JOIN res_partner p ON p.id = u.partner_id
                WHERE NOT u.share AND u.id <> %s""",
            SQL(", ").join(flags),
            self.env.ref("base.user_root").id,
        )

    @api.depends(*ROLES, "is_owner")
    def _compute_roles(self):
        for employee in self:
            names = [n for n in ("is_owner", *ROLES) if employee[n]]
            labels = (employee._fields[n]._description_string(self.env) for n in names)
            employee.roles = ", ".join(labels)

    @api.depends("user_id")
    def _compute_store_ids(self):
        for employee in self:
            employee.store_ids = employee.sudo().user_id.teahouse_store_ids

    def _search_store_ids(self, operator, value):
        users = self.env["res.users"].sudo().with_context(active_test=False)
        found = users._search([("teahouse_store_ids", operator, value)])
        return [("id", "in", found)]

    def _compute_can_change(self):
        for employee in self:
            employee.can_change = not employee.user_id or not employee._why_not()

    # Changing, always by the user behind

    @api.model_create_multi
    def create(self, vals_list):
        """Invite people: each gets a user with the roles and stores given."""
        self.check_access("create")
        users_sudo = self.env["res.users"].sudo()
        created = self.browse()
        for vals in vals_list:
            self._check_fields(vals)
            groups = [group for name, group in GIVEN.items() if vals.get(name)]
            if not set(groups) & set(ROLES.values()):
                raise ValidationError(self.env._("Give at least one role."))
            user_sudo = users_sudo.create(
                {
                    **self._user_vals(vals),
                    "company_id": self.env.company.id,
                    "company_ids": [Command.set(self.env.company.ids)],
                    "group_ids": [Command.set([self.env.ref(g).id for g in groups])],
                    "lang": self.env.user.lang,
                    "tz": self.env.user.tz or "Asia/Shanghai",
                }
            )
            created += self.browse(user_sudo.id)
        self._done()
        return created

    def write(self, vals):
        """Change people below the owner, and nobody else."""
        self.check_access("write")
        self._check_fields(vals)
        for employee in self:
            reason = employee._why_not()
            if reason:
                raise AccessError(reason)
            user_sudo = employee.sudo().user_id
            changed = self._user_vals(vals)
            groups = [
                (Command.link if vals[name] else Command.unlink)(self.env.ref(group).id)
                for name, group in GIVEN.items()
                if name in vals
            ]
            if groups:
                changed["group_ids"] = groups
            user_sudo.write(changed)
            if not any(user_sudo.has_group(group) for group in ROLES.values()):
                raise ValidationError(
                    self.env._("Give at least one role, or archive the employee.")
                )
        self._done()
        return True

    @api.model
    def _user_vals(self, vals):
        return {PASSED_ON[name]: vals[name] for name in PASSED_ON if name in vals}

    @api.model
    def _check_fields(self, vals):
        unknown = vals.keys() - PASSED_ON.keys() - GIVEN.keys()
        if unknown:
            raise AccessError(
                self.env._("%s of an employee is not changed here.", min(unknown))
            )

    @api.model
    def _done(self):
        self.env.flush_all()
        self.invalidate_model()

    def _why_not(self):
        """Return why the user may not change this employee, empty if he may."""
        self.ensure_one()
        user_sudo = self.sudo().user_id
        if not self.env.user.has_group(OWNER_GROUP):
            return self.env._("Only owners change the rights of others.")
        if user_sudo == self.env.user:
            return self.env._("Nobody changes the own rights.")
        if any(user_sudo.has_group(group) for group in ADMINISTRATORS):
            return self.env._("Administrators are not changed here.")
        if user_sudo.has_group(OWNER_GROUP):
            return self.env._("Owners are changed by an administrator only.")
        if user_sudo.company_ids - self.env.companies:
            return self.env._("The employee works for another company, too.")
        return ""

    def action_invitation(self):
        """Show the link by which an employee sets a (new) password."""
        self.ensure_one()
        reason = self._why_not()
        if reason:
            raise AccessError(reason)
        user_sudo = self.sudo().user_id
        if not user_sudo.active:
            raise UserError(self.env._("Archived employees do not log in."))
        partner_sudo = user_sudo.partner_id
        partner_sudo.signup_prepare(signup_type="reset")
        url = partner_sudo._get_signup_url_for_action()[partner_sudo.id]
        self.env["teahouse.audit"]._log("user.invite", user_sudo)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Link for %s, good for one password", self.name),
                "message": url,
                "type": "info",
                "sticky": True,
            },
        }
