"""Odoo shell script: a Chinese company, before accounting is installed.

The chart of accounts of l10n_cn then loads by itself, in CNY.
"""

env.ref("base.CNY").active = True  # noqa: F821
env.ref("base.main_company").write(  # noqa: F821
    {
        "country_id": env.ref("base.cn").id,  # noqa: F821
        "currency_id": env.ref("base.CNY").id,  # noqa: F821
    }
)
languages = env["res.lang"].with_context(active_test=False)  # noqa: F821
chinese = languages.search([("code", "=", "zh_CN")])
env["base.language.install"].create({"lang_ids": chinese.ids}).lang_install()  # noqa: F821
env.cr.commit()  # noqa: F821
result(True)  # noqa: F821
