from . import test_encrypted_field, test_keyring
