from . import masking, passwords, phone, sms_file, timeutil
