"""The times of doses as a calendar file: RFC 5545, one event a time, and nothing of the medicine in it."""

from hypothesis import given
from hypothesis import strategies as st

from controller.patient_access.reminders import WORDS, calendar

AT_MS = 1_764_144_000_000
"""2025-11-26 08:00:00 UTC."""
TIMES = st.lists(st.integers(0, 4_000_000_000).map(lambda second: second * 1000), max_size=20)


def test_an_event_has_its_time_in_utc_an_alarm_and_a_name_of_its_own() -> None:
    lines = calendar([AT_MS], "en", AT_MS - 60_000).split("\r\n")
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for line in (
        "DTSTART:20251126T080000Z",
        "DTSTAMP:20251126T075900Z",
        f"UID:dose-{AT_MS}@wardlink",
        "BEGIN:VALARM",
        "TRIGGER:PT0S",
        "SUMMARY:Take your medicines",
    ):
        assert line in lines
    assert lines[-2:] == ["END:VCALENDAR", ""]


def test_it_speaks_the_patients_language() -> None:
    assert "SUMMARY:服药时间" in calendar([AT_MS], "zh", AT_MS)


@given(TIMES, st.sampled_from(sorted(WORDS)))
def test_each_time_has_one_event_in_order_and_every_line_fits(times: list[int], language: str) -> None:
    lines = calendar(times, language, AT_MS).split("\r\n")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(set(times))
    begins = [line for line in lines if line.startswith("DTSTART:")]
    assert begins == sorted(begins)
    assert all(len(line.encode()) <= 75 for line in lines)  # RFC 5545, 3.1
