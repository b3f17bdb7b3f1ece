"""Birth dates as HL7 FHIR R4 has them (datatypes, date): a year, a month or a day, whatever is known."""

import calendar
import re

from controller.errors import OrderError

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_EARLIEST = 1850


def checked(text: str, today: str) -> str:
    """`text`, if it is a date that may be a birth date on the day `today` (YYYY-MM-DD). Raises OrderError."""
    found = _DATE.fullmatch(text)
    if found is None or not _is_possible(*(int(part or 1) for part in found.groups())):
        raise OrderError(f"expected a birth date as 1950, 1950-03 or 1950-03-02, got {text!r:.40}")
    if text > today[: len(text)]:
        raise OrderError(f"expected a birth date that is not after {today}, got {text}")
    return text


def _is_possible(year: int, month: int, day: int) -> bool:
    return year >= _EARLIEST and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
