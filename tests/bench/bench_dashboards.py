"""How long the owner waits for a dashboard when a year lies behind the chain.

Run with ``config/test --bench tests/bench/bench_dashboards.py``; loading the demo year
takes minutes, once.
"""

import time

ROUNDS = 7
#: Model, method, arguments: what the screens ask for when they open.
SCREENS = {
    "Today": ("teahouse.today", "load", ()),
    "Insight, 28 days": ("teahouse.insight", "load", (None, 28)),
    "Insight, a year": ("teahouse.insight", "load", (None, 365)),
    "Guests, a year": ("teahouse.insight", "load_guests", (None, 365)),
    "Forecast": ("teahouse.insight", "load_forecast", ()),
    "Cohorts by month": (
        *("teahouse.insight.visit", "formatted_read_group"),
        ([], ["first_month:month", "months_later"], ["member_id:count_distinct"]),
    ),
    "From a look to a stay": (
        *("teahouse.insight.funnel", "formatted_read_group"),
        ([], ["store_id"], ["seen:sum", "held:sum", "returned:sum"]),
    ),
    "Set-up": ("teahouse.setup", "load", ()),
    "Figures by store and month": (
        *("teahouse.insight.hour", "formatted_read_group"),
        ([], ["store_id", "local_day:month"], ["revenue:sum", "used_minutes:sum"]),
    ),
    "Forecast by store and day": (
        *("teahouse.forecast", "formatted_read_group"),
        ([], ["store_id", "local_day:week"], ["__count"]),
    ),
    "Income and expenses by month": (
        *("teahouse.ledger.line", "formatted_read_group"),
        ([], ["date:month"], ["__count"]),
    ),
}


def bench_dashboards(stack, report):
    """The floor: a call of a signed-in user that reads one row."""
    stack.run("--detach", "--demo-year")
    stack.read_demo()
    owner = stack.office("owner")
    companies = [c["id"] for c in owner.read("res.company", [], ["name"])]
    context = {"allowed_company_ids": companies, "lang": "zh_CN"}

    def timed(model, method, arguments):
        begun = time.monotonic()
        owner.call(model, method, *arguments, context=context)
        return time.monotonic() - begun

    floor = [timed("res.company", "read", (companies[:1], ["name"])) for _ in range(20)]
    report("reading one row", floor)
    for name, screen in SCREENS.items():
        report(name, [timed(*screen) for _ in range(ROUNDS)], floor)
