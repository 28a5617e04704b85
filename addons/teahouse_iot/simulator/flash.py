"""What a device remembers through a power cut: a journal shared by the fleet."""

import json
from collections import OrderedDict
from pathlib import Path

REMEMBERED_IDS = 256
COMPACT_AFTER_LINES = 20_000


class Memory:
    """Flash of one device: answered ids, last sequence numbers, pins, keys."""

    def __init__(self):
        self.answers = OrderedDict()  # id -> [st, code]
        self.seq = {}  # act or act/slot -> highest executed
        self.pins = {}  # slot -> {pin, from, to}
        self.keys = {}  # ISO date -> hex day key
        self.revoked = {}  # grant -> until
        self.executed = []  # [{id, act, at, args}], never forgotten: it is the proof

    def apply(self, entry):
        """Take over one journal entry."""
        if "answer" in entry:
            self.answers[entry["id"]] = entry["answer"]
            self.answers.move_to_end(entry["id"])
            while len(self.answers) > REMEMBERED_IDS:
                self.answers.popitem(last=False)
        if "seq" in entry:
            self.seq[entry["key"]] = entry["seq"]
        if "executed" in entry:
            self.executed.append(entry["executed"])
        for name in ("pins", "keys", "revoked"):
            if name in entry:
                setattr(self, name, entry[name])

    def entries(self):
        """Return the shortest journal that gives this memory."""
        for key, answer in self.answers.items():
            yield {"id": key, "answer": answer}
        for key, seq in self.seq.items():
            yield {"key": key, "seq": seq}
        for item in self.executed:
            yield {"executed": item}
        yield {"pins": self.pins, "keys": self.keys, "revoked": self.revoked}


class Flash:
    """The fleet's journal file; without a path memories die with the process."""

    def __init__(self, path=None):
        self._path = Path(path) if path else None
        self._memories = {}
        self._file = None
        if self._path:
            self._load()

    def memory(self, uid):
        """Return the memory of a device, the same object each time.

        :rtype: Memory
        """
        return self._memories.setdefault(uid, Memory())

    def write(self, uid, entry):
        """Apply an entry and bring it to the file before returning."""
        self.memory(uid).apply(entry)
        if self._file:
            self._file.write(json.dumps({"d": uid, **entry}) + "\n")
            self._file.flush()

    def _load(self):
        lines, text = 0, ""
        if self._path.exists():
            text = self._path.read_text(encoding="utf-8")
            for line in text.splitlines():
                lines += 1
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue  # the last line of a process that was killed
                self.memory(entry.pop("d")).apply(entry)
        if lines > COMPACT_AFTER_LINES:
            self._compact()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a", encoding="utf-8")
        if not text.endswith("\n"):
            self._file.write("\n")

    def _compact(self):
        partial = self._path.with_suffix(".new")
        with partial.open("w", encoding="utf-8") as file:
            for uid, memory in self._memories.items():
                for entry in memory.entries():
                    file.write(json.dumps({"d": uid, **entry}) + "\n")
        partial.replace(self._path)

    def close(self):
        """Close the file."""
        if self._file:
            self._file.close()
