from odoo.tests import TransactionCase, tagged

from odoo.addons.teahouse_base.tests.lists import Lists


@tagged("post_install", "-at_install")
class TestLists(Lists, TransactionCase):
    """Every list can be filtered and explains itself."""
