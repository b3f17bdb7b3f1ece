"""ELM327: what the adapter itself says between the answers of the vehicle.

Source: Elm Electronics, ELM327 data sheet (v2.2), "Error Messages and Alerts" (pp. 86-88).
"""

import re
from enum import Enum, auto


class Remark(Enum):
    """What a line means that is not of the vehicle."""

    NOTHING = auto()
    ECHO = auto()
    """The question, as it was sent."""
    NO_DATA = auto()
    REFUSED = auto()
    """`?`: no command of this adapter."""
    STARTED = auto()
    """It names itself: it has begun anew and forgotten its settings."""
    NOT_CONNECTED = auto()
    BUS_ERROR = auto()
    DAMAGED = auto()
    """An answer of the vehicle whose checksum is wrong."""
    FULL = auto()
    """Answers were lost: the line to the host is too slow."""
    VOLTS = auto()
    """What ATRV asks for: at the connector."""


_PRELUDE = re.compile(r"SEARCHING[.:]*|BUSINIT:[.]*(OK)?")
_REMARKS = (
    (Remark.NOTHING, re.compile(r"OK|STOPPED|!?ACTALERT|!?LPALERT")),
    (Remark.ECHO, re.compile(r"AT.*|0[1-9A](([0-9A-F]{2}){1,3}[1-9]?)?")),
    (Remark.NO_DATA, re.compile(r"NODATA")),
    (Remark.REFUSED, re.compile(r"\?")),
    (Remark.STARTED, re.compile(r"LVRESET|(ELM3\d\d|OBDII|STN|OBDLINK|VGATE).*")),
    (Remark.NOT_CONNECTED, re.compile(r"UNABLETOCONNECT|ERROR")),
    (Remark.BUS_ERROR, re.compile(r"CANERROR|BUSERROR|BUSBUSY|FBERROR|DATAERROR|ERR\d\d")),
    (Remark.DAMAGED, re.compile(r".*<(DATA|RX)ERROR")),
    (Remark.FULL, re.compile(r"BUFFERFULL")),
    (Remark.VOLTS, re.compile(r"\d{1,2}\.\d{1,2}V")),
)
"""ERROR is what is left of `BUS INIT: ...ERROR`."""


def bare(line: str) -> str:
    """The line in capitals, without blanks and without the notice that the bus is looked for or set up."""
    return _PRELUDE.sub("", line.replace(" ", "").upper(), count=1)


def remark(text: str) -> Remark | None:
    """What a bare line means; None: it is of the vehicle."""
    return next((meaning for meaning, pattern in _REMARKS if pattern.fullmatch(text)), None)
