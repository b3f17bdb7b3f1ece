"""MQTT topics of the contract. Runs on MicroPython, which ignores the annotations."""

LANES = ("alert", "vital", "wave", "bulk")
"""A lane's number is its place here."""

CONTROLLER_STATE = "wl/1/controller/state"
AUDIT_HEAD = "wl/1/controller/audit"
ALL_UP = "wl/1/+/up/#"


def up(gateway: str, what: str) -> str:
    """Where `gateway` publishes: `what` is a lane, "birth" or "state"."""
    return "wl/1/" + gateway + "/up/" + what


def down(gateway: str, what: str) -> str:
    """Where `gateway` listens: `what` is "receipt", "command" or "config"."""
    return "wl/1/" + gateway + "/down/" + what


def parse_up(topic: str) -> "tuple[str, str] | None":
    """(gateway, what) of an `up` topic, or None when it is not one."""
    parts = topic.split("/")
    if len(parts) != 5 or parts[:2] != ["wl", "1"] or parts[3] != "up":
        return None
    return parts[2], parts[4]
