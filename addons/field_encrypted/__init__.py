from . import fields, keyring, models
