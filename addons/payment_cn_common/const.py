SUPPORTED_CURRENCIES = {"CNY"}

# Code -> name of each gateway that stands on this addon; they enter themselves.
GATEWAYS = {}

OPEN_STATES = ("draft", "pending")
# Unpaid orders are not asked about for ever.
SYNC_DAYS = 7
# An order that nobody paid ends by itself after two hours.
ORDER_LIFETIME_HOURS = 2
# Notifications are repeated for a day; what they were is kept for questions.
KEEP_DAYS = 180
# What a further attempt appends to a reference, such as `_12`.
REFERENCE_SUFFIX = 6
