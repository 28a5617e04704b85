"""Fixtures that the tests of this addon and of the addons above share."""

import itertools
import json

from odoo import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user

API_PREFIX = "/teahouse/api/v1"
ROLES = ("owner", "manager", "staff", "cleaner", "accountant", "technician")
PASSWORD = "Camellia-sinensis-7"

_phones = itertools.count(13900000001)


class TeahouseCommon(TransactionCase):
    """Two stores with rooms, one user per role and one member.

    The users of store-bound roles are assigned to ``store`` only, so ``other_store``
    serves to show what they do not see.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            context={
                **cls.env.context,
                "tracking_disable": True,
                "mail_create_nosubscribe": True,
                "no_reset_password": True,
            }
        )
        cls.company = cls.env.company
        cls.store = cls.make_store(name="Riverside")
        cls.other_store = cls.make_store(
            name="Hillside", latitude=30.2741, longitude=120.1635
        )
        cls.room = cls.make_room(cls.store, name="Bamboo")
        cls.room_2 = cls.make_room(cls.store, name="Pine", capacity=8)
        cls.other_room = cls.make_room(cls.other_store, name="Orchid")
        cls.users = {role: cls.make_user(role) for role in ROLES}
        for role, user in cls.users.items():
            setattr(cls, f"user_{role}", user)
        cls.user_portal = new_test_user(
            cls.env, login="test-portal", groups="base.group_portal"
        )
        cls.user_public = cls.env.ref("base.public_user")
        cls.member = cls.make_member(name="Lu Yu")
        cls.member_2 = cls.make_member(name="Su Shi")

    @classmethod
    def make_store(cls, **values):
        """Create a store, by default at Hefang street in Hangzhou."""
        return cls.env["teahouse.store"].create(
            {
                "name": "Store",
                "company_id": cls.company.id,
                "latitude": 30.2425,
                "longitude": 120.1718,
                **values,
            }
        )

    @classmethod
    def make_room(cls, store, **values):
        """Create a room of a store."""
        return cls.env["teahouse.room"].create(
            {"name": "Room", "store_id": store.id, "capacity": 4, **values}
        )

    @classmethod
    def make_user(cls, role, stores=None, login=None, **values):
        """Create a user of a role.

        :param stores: the assigned stores, ``cls.store`` by default
        """
        stores = cls.store if stores is None else stores
        return new_test_user(
            cls.env,
            login=login or f"test-{role}",
            groups=f"teahouse_base.teahouse_base_group_{role}",
            teahouse_store_ids=[Command.set(stores.ids)],
            **values,
        )

    @classmethod
    def make_member(cls, phone=None, name="Guest", password=None, **values):
        """Register a member (sudo) with a phone that nobody else has."""
        member = cls.env["teahouse.member"]._enrol(
            phone or str(next(_phones)), name=name, password=password
        )
        if values:
            member.write(values)
        return member

    @classmethod
    def make_token(cls, member):
        """Return the token of a fresh session of a member."""
        _session, token = cls.env["teahouse.session"]._open(member)
        return token

    @classmethod
    def as_member(cls, model, member=None):
        """Return a model in the environment of a member's user."""
        member = member or cls.member
        return cls.env[model].with_user(member.user_id)

    def send_notifications(self):
        """Run the job that sends what is due."""
        cron = self.env.ref("teahouse_base.ir_cron_notification")
        self.env.flush_all()
        if type(self)._registry_patched:
            cron.method_direct_trigger()
        else:
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.env.invalidate_all()

    def assert_code(self, code):
        """Return a context that expects a TeahouseError with this code."""
        return _AssertCode(self, code)


class _AssertCode:
    def __init__(self, case, code):
        self.case, self.code, self.error = case, code, None

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, _traceback):
        from ..exceptions import TeahouseError

        self.case.assertIsNotNone(exc_type, f"{self.code} was not raised")
        if not isinstance(exc, TeahouseError):
            return False
        self.case.assertEqual(exc.code, self.code, exc)
        self.error = exc
        return True


class TeahouseHttpCommon(TeahouseCommon, HttpCase):
    """The same fixtures with calls of the JSON API."""

    def api(self, method, path, body=None, member=None, token=None, **kwargs):
        """Call the API and return the response.

        :param str path: below the prefix, with the query
        :param body: JSON value to send, None for none
        :param member: in whose name, through a new session
        :param dict headers: further headers
        """
        headers = {"Accept": "application/json", **kwargs.pop("headers", {})}
        if token is None and member:
            token = self.make_token(member)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body)
        return self.url_open(
            API_PREFIX + path, data=data, headers=headers, method=method, **kwargs
        )
