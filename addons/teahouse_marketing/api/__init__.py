from . import balance, schemas
