"""Words that the whole addon shares."""

#: States in which a booking keeps its room, cleaning time included.
BLOCKING_STATES = ("hold", "confirmed", "in_use", "completed")
#: States in which a stay is still to come or going on.
LIVE_STATES = ("confirmed", "in_use")
#: No room is kept longer by one stay: three days and one of cleaning. It bounds the
#: search for bookings that reach into a window.
MAX_BLOCKED = "96 hours"
#: Hardly any stay keeps a room longer; those that do are in an index of their own.
USUAL_BLOCKED = "26 hours"

#: Refund of a cancellation: (minutes before start, percent), as of domain rules.
DEFAULT_POLICY = ((1440, 100), (120, 80), (0, 50))

#: Letters of a booking reference: none that are mistaken for one another.
REF_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
REF_LENGTH = 12
