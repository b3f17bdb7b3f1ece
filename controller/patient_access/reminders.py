"""What is to be done when, as a calendar file: the phone's own calendar rings, and nobody else learns when.

text = calendar([Reminder(due_ms, "dose"), …], "zh", utc_ms)

RFC 5545. An event says neither which medicine nor whose: calendars are copied to other places. A time has one
event of one UID for each kind, hence a file that is opened again adds nothing twice.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from controller.clock import Zone, local_days, utc_ms_at, utc_text
from controller.prescriptions.timing import DAY_MS, TIMES

Kind = Literal["dose", "measure", "visit", "ending"]
CALENDAR = "text/calendar"
"""The media type."""
WORDS: Mapping[Kind, Mapping[str, str]] = {
    "dose": {"en": "Take your medicines", "zh": "服药时间"},
    "measure": {"en": "Measure", "zh": "测量时间"},
    "visit": {"en": "Video visit", "zh": "视频就诊"},
    "ending": {"en": "A prescription ends soon", "zh": "有处方即将到期"},
}
_RINGS: Mapping[Kind, str] = {"dose": "PT0S", "measure": "PT0S", "visit": "-PT15M", "ending": "PT0S"}
"""When it rings, before or at the time (RFC 5545, 3.8.6.3)."""
ENDING_DAYS = (3, 1)
"""So long before a prescription ends one is told."""
_FIRST_HOUR, _LAST_HOUR = 7, 22
"""Within these one measures, however often a day."""
_HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wardlink//My medicines//EN", "METHOD:PUBLISH")


class Reminder(NamedTuple):
    """`at_ms`: UTC."""

    at_ms: int
    kind: Kind


def calendar(reminders: Iterable[Reminder], language: str, utc_ms: int) -> str:
    """An event with an alarm for each of `reminders`, as it is known at `utc_ms`."""
    events = [line for one in sorted(set(reminders)) for line in _event(one, language, utc_ms)]
    return "\r\n".join((*_HEAD, *events, "END:VCALENDAR", ""))


def measuring(times: int, from_ms: int, to_ms: int, zone: Zone | None = None) -> list[int]:
    """When one measures so often a day, between two times (UTC, ms): with medicines, if it can be."""
    days = local_days(from_ms, to_ms, zone) if from_ms < to_ms else []
    found = [utc_ms_at(day, time, zone) for day in days for time in times_of_day(times)]
    return [at_ms for at_ms in found if from_ms <= at_ms < to_ms]


def endings(until_ms: Iterable[int | None], from_ms: int, to_ms: int) -> list[int]:
    """When to be told that prescriptions end then (UTC, ms; None: until they are stopped): three days before,
    and one day."""
    found = [end_ms - days * DAY_MS for end_ms in until_ms if end_ms is not None for days in ENDING_DAYS]
    return [at_ms for at_ms in found if from_ms <= at_ms < to_ms]


def times_of_day(times: int) -> list[str]:
    """ "08:00", …"""
    if times in TIMES:
        return list(TIMES[times])
    step = (_LAST_HOUR - _FIRST_HOUR) / (times - 1)
    return [f"{round(_FIRST_HOUR + number * step):02}:00" for number in range(times)]


def _event(one: Reminder, language: str, utc_ms: int) -> tuple[str, ...]:
    words = WORDS[one.kind][language]
    trigger = f"TRIGGER:{_RINGS[one.kind]}"
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{words}", trigger, "END:VALARM")
    when = (f"DTSTAMP:{_time(utc_ms)}", f"DTSTART:{_time(one.at_ms)}", "DURATION:PT15M")
    name = f"UID:{one.kind}-{one.at_ms}@wardlink"
    return ("BEGIN:VEVENT", name, *when, f"SUMMARY:{words}", *alarm, "END:VEVENT")


def _time(utc_ms: int) -> str:
    """ "20261126T080000Z": RFC 5545, 3.3.5, form 2."""
    return utc_text(utc_ms * 1000)[:19].replace("-", "").replace(":", "") + "Z"
