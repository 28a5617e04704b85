from . import test_access, test_campaign, test_inquiry, test_membership
