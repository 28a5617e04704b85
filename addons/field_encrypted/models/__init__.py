from . import field_encrypted_key, field_encrypted_mixin
