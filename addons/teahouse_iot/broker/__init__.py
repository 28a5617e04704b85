"""Files of a mosquitto broker: configuration, passwords and access rules."""

from .files import BrokerSettings, password_hash, write_broker
