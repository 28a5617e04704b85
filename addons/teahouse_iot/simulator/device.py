"""One device: the device rule of the protocol and what it switches.

No network here: :meth:`Device.command` takes a payload and returns what to publish.
"""

import hashlib
import hmac
import json
import random
import secrets
import time
import uuid
from dataclasses import asdict, dataclass, fields

from . import qr
from .air import Air

#: Seconds a command may be late: clocks of devices are not perfect.
LATE_SECONDS = 2
EDGE_ACTS = ("unlock", "say")
LEVEL_ACTS = ("power", "light", "ac", "pin_set", "pin_del", "key_set", "revoke")
FLAGS = ("smoke", "presence")
FORCIBLE = ("temp_c", "hum_pct", "co2_ppm", "power_w", "bat_pct", *FLAGS)
ACTS_BY_KIND = {
    "lock": ("unlock", "pin_set", "pin_del", "key_set", "revoke"),
    "gate": ("unlock", "pin_set", "pin_del", "key_set", "revoke"),
    "keypad": ("pin_set", "pin_del"),
    "reader": ("key_set", "revoke"),
    "power": ("power",),
    "light": ("light", "power"),
    "ac": ("ac", "power"),
    "speaker": ("say",),
    "sensor": (),
}


@dataclass
class Faults:
    """What is wrong with a device; every fault can be set while it runs."""

    offline: bool = False  # not connected
    silent: bool = False  # connected, reads nothing, answers nothing
    slow_s: float = 0.0  # waits before it acts and answers
    dup_ack: bool = False  # answers twice
    drop_ack: bool = False  # acts, its answer is lost
    lie: str | None = None  # "done": says so without acting; "jammed"; "busy"
    skew_s: float = 0.0  # its clock is wrong by so much
    no_dedup: bool = False  # forgets ids, as cheap hardware does

    def change(self, values):
        """Set the named faults.

        :raise ValueError: unknown name or wrong type
        """
        known = {field.name: field.type for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"Unknown fault: {name}")
            default = getattr(Faults, name)
            if isinstance(default, bool) and not isinstance(value, bool):
                raise ValueError(f"{name} is true or false")
            if isinstance(default, float):
                value = float(value)
            setattr(self, name, value)

    def any(self):
        """Tell whether anything is wrong."""
        return self != Faults()


class Device:
    """A simulated device.

    :param dict spec: ``uid``, ``kind``, optional ``sig_key`` (hex), ``store``,
        ``room`` (ids a reader compares with a QR pass)
    :param Flash flash: what survives a restart
    :param clock: seconds since the epoch
    """

    def __init__(self, spec, flash, clock=time.time):
        self.uid = spec["uid"]
        self.kind = spec["kind"]
        self.spec = spec
        self.faults = Faults()
        self.boot = ""
        self.ignored = 0
        self.spoken = []
        self._flash = flash
        self._clock = clock
        self._levels = {}
        self._open_until = 0.0
        self._energy_wh = random.randint(1_000, 90_000)
        self.air = Air()
        self.forced = {}  # readings that the control port fixed

    @property
    def memory(self):
        """What the device keeps in flash."""
        return self._flash.memory(self.uid)

    def now(self):
        """Return the device's own clock, wrong by ``skew_s``."""
        return self._clock() + self.faults.skew_s

    # Connection

    def begin(self):
        """Start a connection: a new boot id."""
        self.boot = secrets.token_hex(4)

    def birth(self):
        """Return the ``st`` payload of a fresh connection."""
        return self._json(
            {"st": "online", "boot": self.boot, "fw": "1.4.2", **self._battery()}
        )

    def will(self):
        """Return the payload the broker publishes when the connection dies."""
        return self._json({"st": "offline", "boot": self.boot})

    def _battery(self):
        wired = self.kind in ("power", "light", "ac", "speaker")
        return {"rssi_dbm": -61} if wired else {"bat_pct": 87, "rssi_dbm": -61}

    @staticmethod
    def _json(values):
        return json.dumps({"v": 1, **values}, separators=(",", ":")).encode()

    # Commands

    def command(self, payload, retained=False):
        """Obey the device rule.

        :param bytes payload: of a message on ``cmd``
        :param bool retained: it carried the retain flag
        :return: payloads to publish on ``ack``
        :rtype: list[bytes]
        """
        message = self._open_envelope(payload)
        if message is None:
            self.ignored += 1
            return []
        if "bad_sig" in message:
            return self._answer(message["id"], "rejected", "bad_sig")
        key = message["id"]
        known = None if self.faults.no_dedup else self.memory.answers.get(key)
        if known:
            status, code = known
            return self._answer(key, status, "dup" if status == "done" else code)
        refusal = self._refusal(message, retained)
        if refusal:
            return self._answer(key, *refusal)
        return self._execute(message)

    def _open_envelope(self, payload):
        try:
            message = json.loads(payload)
            if self.spec.get("sig_key"):
                text = message["p"]
                expected = hmac.new(
                    bytes.fromhex(self.spec["sig_key"]),
                    f"{self.uid}\n{text}".encode(),
                    hashlib.sha256,
                ).hexdigest()
                inner = json.loads(text)
                if not hmac.compare_digest(expected, str(message.get("sig", ""))):
                    return {"bad_sig": True, "id": str(inner["id"])}
                message = inner
            str(message["id"]), str(message["act"]), int(message["exp"])
            message.setdefault("args", {})
            return message
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def _refusal(self, message, retained):
        """Return (st, code) when the command must not be executed."""
        if retained:
            return "rejected", "retained"
        if message.get("boot") != self.boot:
            return "rejected", "bad_boot"
        if self.now() > message["exp"] + LATE_SECONDS:
            return "expired", "clock"
        act = message["act"]
        if act not in ACTS_BY_KIND.get(self.kind, ()):
            return "rejected", "unsupported"
        if act in LEVEL_ACTS:
            last = self.memory.seq.get(self._key(message), 0)
            if int(message.get("seq", 0)) <= last:
                return "rejected", "old_seq"
        if self.faults.lie == "busy":
            return "rejected", "busy"
        return None

    @staticmethod
    def _key(message):
        slot = message["args"].get("slot")
        act = "pin" if message["act"].startswith("pin_") else message["act"]
        return act if slot is None else f"{act}/{slot}"

    def _execute(self, message):
        key, act = message["id"], message["act"]
        if self.faults.lie == "jammed":
            return self._remember(key, "failed", "jammed")
        # The id is written before acting: a power cut in between costs one opening,
        # never gives two.
        entry = {"id": key, "answer": ["received", "ok"]}
        if act in LEVEL_ACTS:
            entry |= {"key": self._key(message), "seq": int(message["seq"])}
        self._flash.write(self.uid, entry)
        if self.faults.lie != "done":
            self.act(key, act, message["args"])
        return self._remember(key, "done", "ok")

    def _remember(self, key, status, code):
        self._flash.write(self.uid, {"id": key, "answer": [status, code]})
        return self._answer(key, status, code)

    def _answer(self, key, status, code):
        if self.faults.drop_ack:
            return []
        ack = self._json(
            {
                "id": key,
                "st": status,
                "code": code,
                "ts": int(self.now()),
                "boot": self.boot,
            }
        )
        return [ack, ack] if self.faults.dup_ack else [ack]

    # Acting

    def act(self, key, act, args):
        """Do it, and keep the proof that it was done."""
        getattr(self, f"_act_{act}")(args)
        done = {"id": key, "act": act, "at": round(self._clock(), 3), "args": args}
        self._flash.write(self.uid, {"executed": done})

    def _act_unlock(self, args):
        pulse = min(max(int(args.get("pulse_ms", 5000)), 100), 30_000)
        self._open_until = self._clock() + pulse / 1000

    def _act_say(self, args):
        self.spoken.append(str(args.get("text", "")))

    def _act_level(self, args, name):
        self._levels[name] = dict(args)

    def _act_power(self, args):
        self._act_level(args, "power")

    def _act_light(self, args):
        self._act_level(args, "light")

    def _act_ac(self, args):
        self._act_level(args, "ac")

    def _act_pin_set(self, args):
        pin = {name: args.get(name) for name in ("pin", "from", "to")}
        pins = {**self.memory.pins, str(args["slot"]): pin}
        self._flash.write(self.uid, {"pins": pins})

    def _act_pin_del(self, args):
        pins = dict(self.memory.pins)
        pins.pop(str(args["slot"]), None)
        self._flash.write(self.uid, {"pins": pins})

    def _act_key_set(self, args):
        self._flash.write(self.uid, {"keys": dict(args.get("keys", {}))})

    def _act_revoke(self, args):
        revoked = {**self.memory.revoked, str(args["grant"]): args.get("until")}
        self._flash.write(self.uid, {"revoked": revoked})

    # A person at the device

    def press(self, pin):
        """Type a PIN.

        :return: the ``evt`` payload
        :rtype: bytes
        """
        now = self.now()
        for slot, entry in self.memory.pins.items():
            inside = (entry["from"] or 0) <= now < (entry["to"] or now + 1)
            if entry["pin"] == pin and inside:
                self.act(f"pin-{uuid.uuid4()}", "unlock", {"slot": int(slot)})
                return self.event("keypad", slot=int(slot), ok=True)
        return self.event("keypad", slot=0, ok=False)

    def scan(self, text, online):
        """Show a QR code: online the server decides, offline the reader itself.

        :return: the ``evt`` payload, None when nobody is there to be told
        """
        if online:
            return self.event("scan", text=text)
        verdict = qr.check(text, self.memory, self.spec, self.now())
        if verdict == "ok":
            self.act(f"qr-{uuid.uuid4()}", "unlock", {"text": text})
        return None

    def event(self, name, sev="info", **values):
        """Return the payload of something that happened at the device."""
        return self._json(
            {
                "id": str(uuid.uuid4()),
                "ts": int(self.now()),
                "ev": name,
                "sev": sev,
                **values,
            }
        )

    # What can be seen

    def level(self, name):
        """Return the present state of ``power``, ``light`` or ``ac``."""
        state = self._levels.get(name, {"on": False})
        until = state.get("until")
        if state.get("on") and until and self.now() >= until:
            return {**state, "on": False}
        return state

    def telemetry(self, elapsed, occupied=False):
        """Return a ``tele`` payload; ``elapsed`` seconds of use are metered.

        :param bool occupied: the room is in use, as a sensor in it would notice
        """
        values = {"ts": int(self.now())}
        if self.kind == "power":
            values |= self._meter(elapsed)
        elif self.kind == "sensor":
            values |= self.air.breathe(self._clock(), elapsed, occupied)
            values |= {"smoke": False, "presence": occupied}
            values |= self._battery()
        else:
            values |= self._battery()
        return self._json(values | self.forced)

    def _meter(self, elapsed):
        """Return power and meter; some hundred watts while the power is on."""
        watts = round(random.uniform(180, 420), 1) if self.level("power")["on"] else 0
        watts = self.forced.get("power_w", watts)
        self._energy_wh += watts * elapsed / 3600
        return {"power_w": watts, "energy_wh": int(self._energy_wh)}

    def force(self, values):
        """Fix readings, as a kettle left on or a stuffy room would.

        :param dict values: readings; ``{"reset": true}`` lets nature go on
        :raise ValueError: not a reading
        """
        values = dict(values)
        if values.pop("reset", False):
            self.forced = {}
        for name, value in values.items():
            if name not in FORCIBLE or isinstance(value, bool) != (name in FLAGS):
                raise ValueError(f"Not a reading: {name}")
            self.forced[name] = value

    def snapshot(self):
        """Return the device's state for the control port.

        :rtype: dict
        """
        return {
            "uid": self.uid,
            "kind": self.kind,
            "boot": self.boot,
            "open": self._clock() < self._open_until,
            "levels": {name: self.level(name) for name in self._levels},
            "pins": self.memory.pins,
            "revoked": self.memory.revoked,
            "spoken": self.spoken[-20:],
            "ignored": self.ignored,
            "executed": self.memory.executed,
            "faults": asdict(self.faults),
            "forced": self.forced,
        }
