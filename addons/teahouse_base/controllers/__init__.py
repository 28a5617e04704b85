from . import auth, document, me, schemas, stores
