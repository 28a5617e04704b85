from . import geo, opening, quiet
