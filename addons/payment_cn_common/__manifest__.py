{
    "name": "Payment Providers of China: Common Parts",
    "summary": "What WeChat Pay and Alipay share: orders, refunds, notifications",
    "version": "19.0.1.0.0",
    "category": "Accounting/Payment Providers",
    "author": "Teahouse",
    "license": "LGPL-3",
    "depends": ["account_payment", "field_encrypted"],
    "pre_init_hook": "pre_init_hook",
}
