"""SMS into a local file, for development and demonstrations."""

import json
import os
from datetime import UTC, datetime

from odoo.tools import config

from odoo.addons.sms.tools.sms_api import SmsApiBase


class SmsApiFile(SmsApiBase):
    """Appends each message to the file named by the option ``teahouse_sms_file``.

    One JSON object a line: at, phone (national), text, template, and the code of a
    one-time code. The file holds whole numbers and codes: readable by its owner
    only, and never for customers' messages.
    """

    takes_template = True

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        lines, results = [], []
        for message in messages:
            params = message.get("params") or {}
            for number in message["numbers"]:
                line = {
                    "at": datetime.now(UTC).isoformat(timespec="seconds"),
                    "phone": number["number"].removeprefix("+86"),
                    "text": message["content"],
                    "template": message.get("template") or "",
                }
                if "code" in params:
                    line["code"] = params["code"]
                lines.append(json.dumps(line, ensure_ascii=False) + "\n")
                results.append({"uuid": number["uuid"], "state": "success"})
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(config["teahouse_sms_file"], flags, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write("".join(lines))
        return results
