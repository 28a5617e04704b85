"""The server's log as JSON, a line for each event, with the request that caused it.

Switched on by ``teahouse_log_format = json`` in the configuration file. Programs that
collect logs read it as it is; ``request`` is the id that error answers carry, too.
"""

import json
import logging
import os
import re
import threading
import uuid
from datetime import UTC, datetime

from odoo.http import request
from odoo.tools import config

OPTION = "teahouse_log_format"
# Parts of a path that may be secrets: invitations are such.
_LONG = re.compile(r"[^/]{25,}")
_LONG_IN_LINE = re.compile(r"(/teahouse/\S*?/)[\w.=-]{25,}")


def request_id():
    """Return the id of the request that this thread serves, empty without one.

    The API's dispatcher has one; any other request gets one when it is first asked.
    The line about the answer is written when Odoo has forgotten the request already,
    so the thread keeps the id until the next request begins.
    """
    thread = threading.current_thread()
    began = getattr(thread, "perf_t0", None)
    if request:
        found = getattr(request.dispatcher, "request_id", None)
        kept = getattr(thread, "teahouse_request", (None, ""))
        if not found and kept[0] == began and began is not None:
            found = kept[1]
        thread.teahouse_request = (began, found or uuid.uuid4().hex)
    kept = getattr(thread, "teahouse_request", (None, ""))
    return kept[1] if kept[0] == began and began is not None else ""


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record):
        """Return time, level, logger, text, process, database, request and who."""
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(
                timespec="milliseconds"
            ),
            # A formatter with colours may have changed the name.
            "level": logging.getLevelName(record.levelno),
            "logger": record.name,
            "message": record.getMessage(),
            "pid": os.getpid(),
            "db": getattr(threading.current_thread(), "dbname", None),
            "request": request_id() or None,
            "perf": getattr(record, "perf_info", None),
            **self._who(),
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        event = {key: value for key, value in event.items() if value is not None}
        return json.dumps(event, ensure_ascii=False, default=str)

    def _who(self):
        """Return user and route, as numbers and patterns: nothing personal."""
        if not request:
            return {}
        session = getattr(request, "teahouse_session", None)
        return {
            "user": getattr(request.env, "uid", None) if request.db else None,
            "member": session.member_id if session else None,
            "method": request.httprequest.method,
            "path": _LONG.sub("…", request.httprequest.path),
        }


class NoSecrets(logging.Filter):
    """Leaves out of the line about an answer what may be a secret in its path."""

    def filter(self, record):
        """Let every record pass, without the secret."""
        said = record.getMessage()
        shown = _LONG_IN_LINE.sub(r"\1…", said)
        if shown != said:
            record.msg, record.args = shown, ()
        return True


def install():
    """Keep secrets out of the log, and write JSON if the configuration says so."""
    lines = logging.getLogger("werkzeug")
    if not any(isinstance(one, NoSecrets) for one in lines.filters):
        lines.addFilter(NoSecrets())
    if config.get(OPTION) == "json":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonFormatter())
