"""What a biomedical engineer hands to a new gateway: as a QR code, a file, or over its serial console.

claim = Claim(gateway="ward-a", est="https://10.0.0.5:8443", mqtt="mqtts://10.0.0.5:8883", token=…, …)
text = claim.to_text()                  # one line of JSON, about 250 characters
Claim.from_text(text) == claim          # raises BadClaim
"""

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Self, cast

from devices.errors import BadClaim
from devices.model.identity import NAME_PATTERN

VERSION = 1
LONGEST = 1024
"""Characters of a claim; a longer text is refused unread."""
MOST_BROKERS = 6
"""Beside the first one."""
_NAME = re.compile(NAME_PATTERN)
_ADDRESS = re.compile(r"(https|mqtts)://([a-z0-9.\-]{1,253}|\[[0-9a-f:.]{2,45}\]):([1-9][0-9]{0,4})")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to one certificate. It is a secret until it has been used."""

    gateway: str
    est: str
    """The registration authority, https://HOST:PORT (RFC 7030); an IPv6 address stands in brackets."""
    mqtt: str
    """The broker, mqtts://HOST:PORT."""
    token: str
    """Good once: 128 bits, base64url without padding."""
    root: str
    """SHA-256 of the root certificate (DER), in hexadecimal: whom to trust with the token."""
    expires: int
    """UTC, seconds since 1970."""
    brokers: tuple[str, ...] = ()
    """Further brokers, each as good as `mqtt`. A claim without any is as it always was."""

    def __post_init__(self) -> None:
        """Raises BadClaim."""
        _right(_NAME.fullmatch(self.gateway), "gateway", "a gateway's id", self.gateway)
        _right(_is_address(self.est, "https"), "est", "https://HOST:PORT in lower case", self.est)
        _right(_is_address(self.mqtt, "mqtts"), "mqtt", "mqtts://HOST:PORT in lower case", self.mqtt)
        _right(len(self.brokers) <= MOST_BROKERS, "brokers", f"at most {MOST_BROKERS}", len(self.brokers))
        for one in self.brokers:
            _right(_is_address(one, "mqtts"), "brokers", "mqtts://HOST:PORT in lower case", one)
        _right(_TOKEN.fullmatch(self.token), "token", "22 characters of base64url", "something else")
        _right(_FINGERPRINT.fullmatch(self.root), "root", "64 hexadecimal digits", self.root)
        _right(0 < self.expires < 2**40, "expires", "seconds since 1970", self.expires)

    def __repr__(self) -> str:
        return f"Claim({self.gateway!r}, {self.est!r})"

    def to_text(self) -> str:
        """One line of JSON."""
        held = asdict(self)
        if not self.brokers:
            del held["brokers"]
        return json.dumps({"wardlink": VERSION, **held}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote. Raises BadClaim."""
        held = _members(text)
        wanted = ["wardlink", *(field.name for field in fields(cls) if field.name != "brokers")]
        if held.keys() - {"brokers"} != set(wanted):
            raise BadClaim(f"expected a claim with {', '.join(wanted)}: scan or copy it again")
        version = _number(held, "wardlink")
        _right(version == VERSION, "wardlink", str(VERSION), version)
        return cls(
            gateway=_text(held, "gateway"),
            est=_text(held, "est"),
            mqtt=_text(held, "mqtt"),
            token=_text(held, "token"),
            root=_text(held, "root"),
            expires=_number(held, "expires"),
            brokers=_texts(held, "brokers"),
        )


def _members(text: str) -> dict[str, object]:
    if len(text) > LONGEST:
        raise BadClaim(f"expected a claim of at most {LONGEST} characters, got {len(text)}: scan it again")
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadClaim("expected a claim in JSON, this is none: scan or copy it again") from error
    if not isinstance(held, dict):
        raise BadClaim("expected a claim as a JSON object: scan or copy it again")
    return cast(dict[str, object], held)


def _text(held: dict[str, object], name: str) -> str:
    value = held[name]
    if not isinstance(value, str):
        raise BadClaim(f"{name}: expected a text, got {type(value).__name__}: scan or copy it again")
    return value


def _texts(held: dict[str, object], name: str) -> tuple[str, ...]:
    value = held.get(name, [])
    texts = cast(list[object], value) if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in texts) or not isinstance(value, list):
        raise BadClaim(f"{name}: expected texts, got {value!r:.60}: scan or copy it again")
    return tuple(map(str, texts))


def _number(held: dict[str, object], name: str) -> int:
    value = held[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadClaim(f"{name}: expected a whole number, got {type(value).__name__}: scan or copy it again")
    return value


def _is_address(text: str, scheme: str) -> bool:
    found = _ADDRESS.fullmatch(text)
    return found is not None and found[1] == scheme and int(found[3]) < 2**16


def _right(holds: object, name: str, expected: str, came: object) -> None:
    if not holds:
        raise BadClaim(f"{name}: expected {expected}, got {came!r:.60}: ask the engineer for a new claim")
