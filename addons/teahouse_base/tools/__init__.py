from . import masking, phone, timeutil
