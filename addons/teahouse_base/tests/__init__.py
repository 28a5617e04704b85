from . import (
    test_access,
    test_api_frame,
    test_api_idempotency,
    test_api_limits,
    test_audit,
    test_engine,
    test_login,
    test_notification,
    test_privacy,
    test_session,
    test_store,
)
from . import (
    test_api_auth,
    test_api_document,
    test_api_frame,
    test_api_idempotency,
    test_api_limits,
    test_api_me,
    test_api_stores,
)
