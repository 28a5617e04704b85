"""Names that several files share."""

#: Code of the payment provider of balances, and of its payment method.
BALANCE = "teahouse_balance"
