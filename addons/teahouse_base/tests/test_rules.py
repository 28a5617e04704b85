"""Which records each role sees: every model of this addon that has records."""

from odoo import Command
from odoo.tests import tagged

from .common import ROLES, TeahouseCommon

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
# What the records belong to: the assigned store, another of the company, one of
# another company.
HERE, NEXT, AWAY = "here", "next", "away"
ASSIGNED = {
    **dict.fromkeys(("manager", "staff", "cleaner", "technician"), {HERE}),
    **dict.fromkeys(("owner", "accountant"), {HERE, NEXT}),
}
COMPANY = dict.fromkeys(ROLES, {HERE, NEXT})
ALL = {HERE, NEXT, AWAY}
# Members belong to the whole chain; whoever has a right to them has it to all.
VISIBLE = {
    "teahouse.store": ASSIGNED,
    "teahouse.room": ASSIGNED,
    "teahouse.photo": ASSIGNED,
    "teahouse.store.opening": ASSIGNED,
    "teahouse.room.type": COMPANY,
    "teahouse.blacklist": {
        **dict.fromkeys(("manager", "staff"), {HERE}),
        "owner": {HERE, NEXT},
    },
    "teahouse.audit": {"manager": {HERE}, "owner": {HERE, NEXT}},
    "teahouse.notification": {
        "manager": {HERE, NEXT},
        "owner": {HERE, NEXT},
        "member": {HERE},
    },
    "teahouse.member": {
        **dict.fromkeys(("staff", "manager", "owner", "accountant"), ALL),
        "member": {HERE},
    },
    "teahouse.identity": {
        **dict.fromkeys(("manager", "owner"), ALL),
        "member": {HERE},
    },
    "teahouse.session": {"owner": ALL, "member": {HERE}},
    "teahouse.upload": {
        **dict.fromkeys(("staff", "manager", "owner"), ALL),
        "member": {HERE},
    },
    "teahouse.wechat.subscription": {"owner": ALL},
    "teahouse.employee": {"owner": {HERE, NEXT}},
}


@tagged("post_install", "-at_install")
class TestRules(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.away = cls.env["res.company"].create({"name": "Franchise"})
        away_store = cls.make_store(name="Elsewhere", company_id=cls.away.id)
        stores = {HERE: cls.store, NEXT: cls.other_store, AWAY: away_store}
        members = {HERE: cls.member, NEXT: cls.member_2, AWAY: cls.make_member()}
        cls.records = {model: {} for model in VISIBLE}
        for place, store in stores.items():
            for model, record in cls.make_all(place, store, members[place]).items():
                cls.records[model][place] = record
        cls.everybody = {
            **cls.users,
            "member": cls.member.user_id,
            "portal": cls.user_portal,
            "public": cls.user_public,
        }
        cls.env.flush_all()

    @classmethod
    def make_all(cls, place, store, member):
        """Return a record of each model that belongs to a place."""

        def make(model, **values):
            return cls.env[model].create(values)

        room = make("teahouse.room", name=place, store_id=store.id, capacity=2)
        template = cls.env["teahouse.notification.template"].search([], limit=1)
        notices = cls.env["teahouse.notification"]
        company_id = store.company_id.id
        session, _token = cls.env["teahouse.session"]._open(member)
        employee = cls.make_user(
            "cleaner",
            login=f"rules-{place}",
            stores=store,
            company_id=company_id,
            company_ids=[Command.set([company_id])],
        )
        return {
            "teahouse.store": store,
            "teahouse.room": room,
            "teahouse.photo": make("teahouse.photo", room_id=room.id, image=PIXEL),
            "teahouse.store.opening": make(
                "teahouse.store.opening", store_id=store.id, weekday="0"
            ),
            "teahouse.room.type": make(
                "teahouse.room.type", name=place, company_id=company_id
            ),
            "teahouse.blacklist": make(
                "teahouse.blacklist",
                member_id=member.id,
                store_id=store.id,
                company_id=company_id,
                reason="Noise",
            ),
            "teahouse.audit": cls.env["teahouse.audit"]._log("test", room),
            "teahouse.notification": notices._notify(
                member, "member_approved", {}, f"rules-{place}", None, store.company_id
            )[:1],
            "teahouse.member": member,
            "teahouse.identity": make(
                "teahouse.identity",
                member_id=member.id,
                provider="wechat",
                app_id="wx1",
                subject=place,
            ),
            "teahouse.session": session,
            "teahouse.upload": make(
                "teahouse.upload", member_id=member.id, image=PIXEL
            ),
            "teahouse.wechat.subscription": make(
                "teahouse.wechat.subscription",
                member_id=member.id,
                template_id=template.id,
                remaining=1,
            ),
            "teahouse.employee": cls.env["teahouse.employee"].browse(employee.id),
        }

    def test_every_role_sees_its_records(self):
        for model, expected in VISIBLE.items():
            records = self.records[model]
            for role, user in self.everybody.items():
                with self.subTest(model=model, role=role):
                    mine = self.env[model].with_user(user)
                    seen = set()
                    if mine.has_access("read"):
                        ids = [record.id for record in records.values()]
                        found = mine.search([("id", "in", ids)]).ids
                        seen = {p for p, r in records.items() if r.id in found}
                    self.assertEqual(seen, expected.get(role, set()))
                    for place, record in records.items():
                        readable = record.with_user(user).has_access("read")
                        self.assertEqual(readable, place in seen, place)

    def test_nobody_writes_what_he_does_not_see(self):
        for model, records in self.records.items():
            for role, user in self.everybody.items():
                for place, record in records.items():
                    record = record.with_user(user)
                    if record.has_access("write") or record.has_access("unlink"):
                        self.assertTrue(
                            record.has_access("read"), f"{model} {role} {place}"
                        )

    def test_a_chain_of_companies_is_seen_by_who_works_for_both(self):
        self.user_owner.company_ids += self.away
        mine = self.env["teahouse.store"].with_user(self.user_owner)
        stores = [record.id for record in self.records["teahouse.store"].values()]
        seen = {}
        for chosen in (self.company, self.away, self.company + self.away):
            there = mine.with_context(allowed_company_ids=chosen.ids)
            seen[len(chosen), chosen[0]] = there.search_count([("id", "in", stores)])
        self.assertEqual(list(seen.values()), [2, 1, 3])
