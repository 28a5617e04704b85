from . import announce, schemas
