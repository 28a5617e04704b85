from . import availability, booking, review, waitlist
