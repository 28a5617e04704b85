"""Odoo shell script: the demo's two stores become a chain of five, in two companies.

Forty rooms with their devices, a franchisee with books of its own, and sixty guests.
Run again it does nothing.
"""

from odoo import Command

STORES = (
    # key, company, name, code, street, city, latitude, longitude
    (
        *("xixi", "base.main_company", "清和茶室·西溪店", "XX"),
        *("西湖区文二西路 718 号", "杭州市", 30.2712, 120.0705),
    ),
    (
        *("pingjiang", None, "竹溪茶舍·平江路店", "PJ"),
        *("姑苏区平江路 92 号", "苏州市", 31.3151, 120.6312),
    ),
    (
        *("jinji", None, "竹溪茶舍·金鸡湖店", "JJ"),
        *("工业园区星港街 199 号", "苏州市", 31.3167, 120.6779),
    ),
)
ROOMS = ("听松", "观云", "枕流", "漱石", "问茶", "抱朴", "栖霞", "临风", "望山", "知白")
ROOMS += ("守静",)
FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = ("若溪", "一鸣", "雨桐", "子墨", "安然", "清扬", "思远", "沐阳", "知秋")
GUESTS = 60

data = env["ir.model.data"]  # noqa: F821
ref = env.ref  # noqa: F821


def named(name, model, values):
    """Return a record of the demo by its name, made the first time."""
    record = ref(f"__demo__.{name}", raise_if_not_found=False)
    if not record:
        record = env[model].create(values)  # noqa: F821
        data.create(
            {"module": "__demo__", "name": name, "model": model}
            | {"res_id": record.id, "noupdate": True}
        )
    return record


def franchisee():
    """Return the second company, with books and a way to be paid."""
    values = {
        "name": "竹溪茶舍",
        "country_id": ref("base.cn").id,
        "currency_id": ref("base.CNY").id,
        "state_id": ref("base.state_cn_JS").id,
        "city": "苏州市",
    }
    company = named("company", "res.company", values)
    ref("teahouse_base.demo_user_owner").company_ids += company
    ref("base.user_admin").company_ids += company
    ref("teahouse_base.demo_user_accountant").company_ids += company
    if "account.chart.template" in env and not company.chart_template:  # noqa: F821
        env["account.chart.template"].try_loading("cn", company)  # noqa: F821
        company._teahouse_setup_accounting()
        provider = ref("payment.payment_provider_demo")
        own = provider.copy({"company_id": company.id})
        own.write({"name": provider.name, "state": "test", "is_published": True})
    return company


def make_store(company, key, name, code, street, city, latitude, longitude):
    """Return a store with its rooms and what hangs on their doors and walls."""
    facilities = ("wifi", "tea_set", "air_con", "power")
    store = named(
        f"store_{key}",
        "teahouse.store",
        {
            "name": name,
            "code": code,
            "company_id": company.id,
            "street": street,
            "city": city,
            "country_id": ref("base.cn").id,
            "latitude": latitude,
            "longitude": longitude,
            "phone": "0571-8700 0003",
            "introduction": "二十四小时自助茶室，扫码即到，一室一茶席。",
            "facility_ids": [
                Command.link(ref(f"teahouse_base.teahouse_facility_{one}").id)
                for one in facilities
            ],
            "user_ids": [Command.link(ref("teahouse_base.demo_user_cleaner").id)],
        },
    )
    kinds = {}
    for capacity, kind in ((4, "小包间"), (6, "标准包间"), (10, "大包间")):
        kinds[capacity] = named(
            f"type_{company.id}_{capacity}",
            "teahouse.room.type",
            {"name": kind, "capacity": capacity, "company_id": company.id},
        )
    for number, room_name in enumerate(ROOMS, 1):
        capacity = (4, 4, 6, 6, 10)[number % 5]
        room = named(
            f"room_{key}_{number}",
            "teahouse.room",
            {
                "name": room_name,
                "code": f"{code}{number:02}",
                "sequence": number,
                "store_id": store.id,
                "room_type_id": kinds[capacity].id,
                "capacity": capacity,
            },
        )
        devices(store, room, key, number)
    devices(store, None, key, 0)
    return store


def devices(store, room, key, number):
    """Put a lock, power and light into a room, and a gate at the store's entrance."""
    if "teahouse.device" not in env:  # noqa: F821
        return
    kinds = {"lock": "门锁", "power": "电源", "light": "灯光"} if room else {}
    for kind, word in (kinds or {"gate": "大门"}).items():
        named(
            f"device_{key}_{number}_{kind}",
            "teahouse.device",
            {
                "name": f"{room.name}·{word}" if room else word,
                "uid": f"{key}-{number}-{kind}" if room else f"{key}-gate",
                "kind": kind,
                "store_id": store.id,
                "room_id": room.id if room else False,
                "guest_control": kind == "light",
            },
        )


def prices(company, stores):
    """Sell the demo's tariffs in the new stores; the franchisee has its own."""
    if "teahouse.tariff" not in env:  # noqa: F821
        return
    for name in ("hours", "package", "session"):
        tariff = ref(f"teahouse_billing.demo_tariff_{name}")
        own = stores.filtered(lambda store: store.company_id == company)
        tariff.store_ids += stores - own
        if not ref(f"__demo__.tariff_{name}", raise_if_not_found=False):
            copy = tariff.copy(
                {
                    "name": tariff.name,
                    "company_id": company.id,
                    "store_ids": [Command.set(own.ids)],
                    "room_type_ids": False,
                }
            )
            named_data = {"module": "__demo__", "name": f"tariff_{name}"}
            data.create(named_data | {"model": copy._name, "res_id": copy.id})


company = franchisee()
made = env["teahouse.store"]  # noqa: F821
for key, owner, *facts in STORES:
    made |= make_store(ref(owner) if owner else company, key, *facts)
prices(company, made)
for user in ("owner", "accountant", "technician"):
    ref(f"teahouse_base.demo_user_{user}").teahouse_store_ids += made
for number in range(GUESTS):
    name = FAMILY[number % len(FAMILY)] + GIVEN[number % len(GIVEN)]
    if not ref(f"__demo__.guest_{number}", raise_if_not_found=False):
        member = env["teahouse.member"]._enrol(f"1370000{number:04}", name=name)  # noqa: F821
        values = {"module": "__demo__", "name": f"guest_{number}"}
        data.create(values | {"model": member._name, "res_id": member.id})
env.cr.commit()  # noqa: F821
result({"stores": len(made) + 2})  # noqa: F821
