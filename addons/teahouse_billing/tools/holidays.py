"""Read holiday calendars from files: CSV tables and iCalendar."""

import csv
import io
import re
from datetime import date, datetime, timedelta

HOLIDAY, WORKDAY = "holiday", "workday"
#: Signs of a make-up working day in a kind or a name.
WORK_SIGNS = ("班", "workday", "working day", "work day")
#: Most days of one event, so that a wrong file does not fill years.
MOST_DAYS = 60
DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%Y年%m月%d日")


class HolidayFileError(ValueError):
    """A line that cannot be read; ``line`` counts from 1."""

    def __init__(self, line, text):
        super().__init__(text)
        self.line, self.text = line, text


def read(content, name=""):
    """Return the days of a file, in order.

    :param bytes content: UTF-8 or GB 18030
    :param str name: of the file; its ending says what it is, else its content does
    :return: list of (date, name, kind), a day once, the last entry of it counts
    :raise HolidayFileError: a line that cannot be read
    """
    text = _decode(content)
    is_calendar = name.lower().endswith((".ics", ".ical")) or "BEGIN:VCALENDAR" in text
    rows = _read_ics(text) if is_calendar else _read_csv(text)
    return [(day, *rest) for day, rest in sorted({r[0]: r[1:] for r in rows}.items())]


def _decode(content):
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _kind(kind, name=""):
    word = f"{kind} {name}".lower()
    return WORKDAY if any(sign in word for sign in WORK_SIGNS) else HOLIDAY


def _date(text, line):
    for form in DATE_FORMATS:
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise HolidayFileError(line, text)


def _read_csv(text):
    """Read lines of date, name and kind; a first line of headings is passed over."""
    sample = text[:2000]
    delimiter = max(",;\t", key=sample.count)
    found = []
    for line, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        try:
            day = _date(cells[0], line)
        except HolidayFileError:
            if line == 1:
                continue
            raise
        name = cells[1] if len(cells) > 1 else ""
        kind = cells[2] if len(cells) > 2 else ""
        found.append((day, name or cells[0], _kind(kind, name)))
    return found


def _read_ics(text):
    """Read the whole-day events; an end is not part of the event."""
    lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    found, event = [], None
    for number, line in enumerate(lines, 1):
        head, _colon, value = line.partition(":")
        key = head.split(";")[0].upper()
        if key == "BEGIN" and value.upper() == "VEVENT":
            event = {}
        elif key == "END" and value.upper() == "VEVENT" and event is not None:
            found.extend(_event_days(event))
            event = None
        elif event is not None and key in ("DTSTART", "DTEND"):
            event[key] = _date(value[:8], number)
        elif event is not None and key == "SUMMARY":
            event[key] = re.sub(r"\\(.)", r"\1", value).strip()
    return found


def _event_days(event):
    first: date | None = event.get("DTSTART")
    if not first:
        return []
    last = event.get("DTEND") or first + timedelta(days=1)
    name = event.get("SUMMARY") or str(first)
    count = max(1, min((last - first).days, MOST_DAYS))
    kind = _kind("", name)
    return [(first + timedelta(days=i), name, kind) for i in range(count)]
