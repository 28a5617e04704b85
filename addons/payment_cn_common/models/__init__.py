from . import payment_gateway_notification, payment_provider, payment_transaction
