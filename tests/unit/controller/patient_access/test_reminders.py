"""What is to be done when as a calendar file: RFC 5545, one event a time, nothing of a medicine in it."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.patient_access.reminders import Reminder, calendar, endings, measuring, times_of_day
from controller.prescriptions.timing import DAY_MS, HOUR_MS

AT_MS = 1_764_144_000_000
"""2025-11-26 08:00:00 UTC."""
KINDS = st.sampled_from(["dose", "measure", "visit", "ending"])
TIMES = st.lists(
    st.builds(Reminder, st.integers(0, 4_000_000_000).map(lambda second: second * 1000), KINDS), max_size=20
)


def test_an_event_has_its_time_in_utc_an_alarm_and_a_name_of_its_own() -> None:
    lines = calendar([Reminder(AT_MS, "dose")], "en", AT_MS - 60_000).split("\r\n")
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


def test_a_visit_rings_a_quarter_of_an_hour_before_it_begins() -> None:
    lines = calendar([Reminder(AT_MS, "visit")], "en", AT_MS).split("\r\n")
    assert {"SUMMARY:Video visit", "TRIGGER:-PT15M"} <= set(lines)


def test_it_speaks_the_patients_language() -> None:
    assert "SUMMARY:服药时间" in calendar([Reminder(AT_MS, "dose")], "zh", AT_MS)


def test_one_is_told_three_days_and_one_day_before_a_prescription_ends_and_of_none_without_an_end() -> None:
    ahead = AT_MS, AT_MS + 14 * DAY_MS
    assert endings([AT_MS + 5 * DAY_MS, None], *ahead) == [AT_MS + 2 * DAY_MS, AT_MS + 4 * DAY_MS]
    assert endings([AT_MS + 2 * DAY_MS, AT_MS - DAY_MS], *ahead) == [AT_MS + DAY_MS]
    lines = calendar([Reminder(AT_MS, "ending")], "zh", AT_MS).split("\r\n")
    assert "SUMMARY:有处方即将到期" in lines


@given(TIMES, st.sampled_from(["en", "zh"]))
def test_each_time_has_one_event_in_order_and_every_line_fits(times: list[Reminder], language: str) -> None:
    lines = calendar(times, language, AT_MS).split("\r\n")
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(set(times))
    begins = [line for line in lines if line.startswith("DTSTART:")]
    assert begins == sorted(begins)
    assert all(len(line.encode()) <= 75 for line in lines)  # RFC 5545, 3.1


@pytest.mark.parametrize("times", range(1, 9))
def test_so_often_a_day_one_measures_awake_and_at_another_time_each(times: int) -> None:
    at = times_of_day(times)
    assert len(set(at)) == times
    assert at == sorted(at)
    found = measuring(times, AT_MS - 8 * HOUR_MS, AT_MS + 16 * HOUR_MS, UTC)
    assert len(found) == times
    assert len(measuring(times, AT_MS, AT_MS + 14 * DAY_MS, UTC)) == 14 * times
    assert measuring(times, AT_MS, AT_MS) == []
