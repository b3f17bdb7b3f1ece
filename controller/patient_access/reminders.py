"""The times of doses as a calendar file: the phone's own calendar rings, and nobody else learns when.

text = calendar([due_ms, …], "zh", utc_ms)

RFC 5545. An event says neither which medicine nor whose: calendars are copied to other places. A time has one
event of one UID, hence a file that is opened again adds nothing twice.
"""

from collections.abc import Iterable

from controller.clock import utc_text

CALENDAR = "text/calendar"
"""The media type."""
WORDS = {"en": "Take your medicines", "zh": "服药时间"}
_HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wardlink//My medicines//EN", "METHOD:PUBLISH")


def calendar(times_ms: Iterable[int], language: str, utc_ms: int) -> str:
    """An event with an alarm for each of `times_ms` (UTC), as it is known at `utc_ms`."""
    events = [line for at_ms in sorted(set(times_ms)) for line in _event(at_ms, WORDS[language], utc_ms)]
    return "\r\n".join((*_HEAD, *events, "END:VCALENDAR", ""))


def _event(at_ms: int, words: str, utc_ms: int) -> tuple[str, ...]:
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{words}", "TRIGGER:PT0S", "END:VALARM")
    when = (f"DTSTAMP:{_time(utc_ms)}", f"DTSTART:{_time(at_ms)}", "DURATION:PT15M")
    return ("BEGIN:VEVENT", f"UID:dose-{at_ms}@wardlink", *when, f"SUMMARY:{words}", *alarm, "END:VEVENT")


def _time(utc_ms: int) -> str:
    """ "20261126T080000Z": RFC 5545, 3.3.5, form 2."""
    return utc_text(utc_ms * 1000)[:19].replace("-", "").replace(":", "") + "Z"
