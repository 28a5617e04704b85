from . import (
    test_api,
    test_availability,
    test_booking,
    test_change,
    test_cleaning,
    test_engine,
    test_guests,
    test_jobs,
    test_life,
    test_races,
    test_review,
    test_roles,
)
