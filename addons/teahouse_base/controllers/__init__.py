from . import auth, document, me, schemas, stores
from . import app
