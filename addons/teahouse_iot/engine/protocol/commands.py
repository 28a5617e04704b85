"""Commands: built by the gateway, read by devices."""

from dataclasses import dataclass

from .acts import check_args
from .checks import EPOCH, integer, text
from .codec import dumps, loads
from .messages import VERSION, version


@dataclass(frozen=True)
class Cmd:
    """A command as the device sees it."""

    id: str
    seq: int
    boot: str
    exp: int
    act: str
    args: dict


def build_cmd(cmd_id, seq, boot, exp, act, args):
    """Return the payload of a command; `exp` is UTC seconds.

    :raises ProtocolError: for an unknown act, wrong arguments, or a text too long
    """
    check_args(act, args)
    return dumps(
        {
            "v": VERSION,
            "id": text(cmd_id, "bad_id"),
            "seq": integer(seq, 0, 2**63 - 1, "bad_seq"),
            "boot": boot,
            "exp": integer(exp, *EPOCH, "bad_exp"),
            "act": act,
            "args": args,
        }
    )


def parse_cmd(raw):
    """Read a command on the device's side.

    :raises ProtocolError: the device answers `rejected/unsupported` or keeps silent
    """
    data = loads(raw)
    version(data)
    act, args = data.get("act"), data.get("args", {})
    check_args(act, args)
    return Cmd(
        id=text(data.get("id"), "bad_id"),
        seq=integer(data.get("seq"), 0, 2**63 - 1, "bad_seq"),
        boot=text(data.get("boot"), "bad_boot"),
        exp=integer(data.get("exp"), *EPOCH, "bad_exp"),
        act=act,
        args=args,
    )
