"""Text and numbers as a report shows them: nothing that comes from a device can look like something else."""

import math
import re
from datetime import UTC, datetime

from hil.evidence.measurement import Measurement

_NOT_TEXT = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, and controls that no page shows."""
_TURNING = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Turns the order of letters around, or is not to be seen at all (Unicode TR 36, 2.8)."""


def visible(text: str) -> str:
    """`text` in which what cannot be seen is written as its number: "a<U+202E>b"."""
    numbered = _TURNING.sub(lambda match: f"<U+{ord(match[0]):04X}>", text)
    return _NOT_TEXT.sub(lambda match: f"<U+{ord(match[0]):04X}>", numbered)


def rounded(value: float, uncertainty: float | None = None) -> str:
    """A value to the second digit of its uncertainty (JCGM 100:2008, 7.2.6), or else to four digits."""
    if not uncertainty:
        return f"{value:.4g}"
    places = 1 - math.floor(math.log10(uncertainty))
    return f"{round(value, places) + 0.0:.{max(0, places)}f}"  # + 0.0: no "-0.00"


def limits(one: Measurement) -> str:
    """Those of a measurement: "at most 5 s"."""
    match one.lower, one.upper:
        case None, None:
            return "none"
        case None, upper:
            return f"at most {upper:.6g}"
        case lower, None:
            return f"at least {lower:.6g}"
        case lower, upper:
            return f"{lower:.6g} to {upper:.6g}"


def plus_minus(one: Measurement) -> str:
    """The expanded uncertainty, to two digits, or that it is not known."""
    return "not known" if one.uncertainty is None else f"± {rounded(one.uncertainty, one.uncertainty)}"


def moment(utc_us: int) -> str:
    """A time in UTC, to the second."""
    return f"{datetime.fromtimestamp(utc_us / 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def sentence(test: str) -> str:
    """What a test says, out of its name: "tests/rig/test_x.py::test_a_reset_loses_nothing[3]"."""
    name = test.rpartition("::")[2]
    said, bracket, case = name.removeprefix("test_").partition("[")
    said = said.replace("_", " ")
    return f"{said[:1].upper()}{said[1:]}{f' ({case[:-1]})' if bracket else ''}"
