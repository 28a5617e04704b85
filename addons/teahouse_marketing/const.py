"""Names that several files share."""

#: Code of the payment provider of balances, and of its payment method.
BALANCE = "teahouse_balance"
#: The same of vouchers that a group-buy platform has sold.
VOUCHER = "teahouse_voucher"
