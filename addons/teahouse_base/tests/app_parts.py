"""Runs the tests of the app's own components, which are written in JavaScript."""

SUITE = """<data>
    <xpath expr="//t[@t-call-assets='teahouse_base.app_assets']" position="attributes">
        <attribute name="t-call-assets">{bundle}</attribute>
    </xpath>
</data>"""


class AppParts:
    """Mixed into an HttpCase: the page of the app, with tests instead of its start.

    They are described in ``static/tests/app/`` of each addon that has screens.
    """

    browser_size = "375x667"
    #: What the page loads: the code to be tested, the tests and what runs them.
    bundle = "teahouse_base.app_unit_tests"

    def run_parts(self):
        """Run the tests of all addons of this database.

        :raise AssertionError: with all that fail, not the first only
        """
        self.env["ir.ui.view"].create(
            {
                "name": "Tests of the app",
                "type": "qweb",
                "inherit_id": self.env.ref("teahouse_base.app_index").id,
                "arch": SUITE.format(bundle=self.bundle),
            }
        )
        told = []

        def goes_on(message):
            told.append(message)
            return "[HOOT]" not in message

        try:
            self.browser_js(
                "/teahouse/app?headless&loglevel=2",
                "",
                "",
                timeout=120,
                success_signal="[HOOT] Test suite succeeded",
                error_checker=goes_on,
            )
        except AssertionError as error:
            raise AssertionError("\n".join(told)) from error
