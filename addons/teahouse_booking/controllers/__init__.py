from . import availability, booking, review
