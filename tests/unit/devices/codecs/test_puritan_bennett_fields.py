"""The fields of Puritan Bennett's reports, by number, against three ventilators' own reports."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from devices.capture import chunks, decoded
from devices.codecs.health import BadByteCounter
from devices.codecs.puritan_bennett.fields import DATE, MISCA, MISCF, SILENCE, Kind, fields_of
from devices.codecs.puritan_bennett.report import Report, ReportReader
from devices.model.observation import Instant, Waveform
from devices.profiles import profile

CAPTURES = Path(__file__).parents[3] / "captures"
STATES = {"NORMAL", "RESET", "LOW", "MEDIUM", "HIGH", "ALARM", "ALERT", ""}


def reports() -> Iterator[Report]:
    for name in ("puritan-bennett-840", "puritan-bennett-980"):
        path = CAPTURES / f"{name.replace('-', '_')}.txt"
        stream = b"".join(chunk.data for chunk in chunks(profile(name).link, path.read_bytes()))
        yield from ReportReader(BadByteCounter()).feed(stream)


ALL = list(reports())
FULL = [one for one in ALL if one.name == "MISCF"]


def test_there_are_four_reports_of_three_ventilators() -> None:
    assert [one.name for one in ALL] == ["MISCF", "MISCA", "MISCF", "MISCF"]
    assert len({one.fields[6] for one in ALL}) == 3


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.name} {one.fields[6]}")
def test_real_reports_are_encoded_as_they_came(one: Report) -> None:
    [again] = ReportReader(BadByteCounter()).feed(one.encode())
    assert again == one


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.name} {one.fields[6]}")
def test_alarms_stand_where_ventilators_have_them_and_numbers_where_they_are_measured(one: Report) -> None:
    for number, field in fields_of(one.name, one.fields[6][:3]).items():
        if field.kind is Kind.ALARM:
            assert one.fields[number] in STATES
        elif field.metric and one.fields[number]:
            assert Decimal(one.fields[number]).is_finite()


@pytest.mark.parametrize("one", FULL, ids=lambda one: one.fields[6])
def test_the_fields_of_a_real_report_agree_with_each_other(one: Report) -> None:
    rate, volume, minute_volume = (Decimal(one.fields[n]) for n in (70, 71, 72))
    assert abs(rate * volume - minute_volume) / minute_volume < Decimal("0.02")
    assert one.fields[76] == f"1:{one.fields[75]}"
    peep, mean, peak = (Decimal(one.fields[n]) for n in (87, 74, 73))
    assert peep < mean < peak
    assert abs(peep - Decimal(one.fields[18])) < 1


def test_the_short_and_the_full_report_of_a_ventilator_agree() -> None:
    full, short = ALL[0], ALL[1]
    same = {13: 10, 73: 38, 74: 39, 69: 40, 75: 41, 76: 101, 96: 65, 97: 66, 34: 42, 20: 21, 15: 12}
    for in_full, in_short in same.items():
        if not full.fields[in_full].startswith("1:"):
            assert Decimal(full.fields[in_full]) == Decimal(short.fields[in_short])
        assert MISCF[in_full].unit == MISCA[in_short].unit
        assert MISCF[in_full].metric == MISCA[in_short].metric


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.name} {one.fields[6]}")
def test_the_date_and_the_silence_of_alarms_are_where_they_are_said_to_be(one: Report) -> None:
    assert len(one.fields[DATE[one.name]].split()) == 3
    assert one.fields[SILENCE[one.name]] in ("ON", "OFF")


def test_the_first_samples_of_a_real_breath_are_those_of_its_first_lines() -> None:
    name = "puritan-bennett-840-waveforms"
    content = (CAPTURES / f"{name.replace('-', '_')}.txt").read_bytes()
    waves = [one for one in decoded(profile(name), content) if isinstance(one, Waveform)]
    flow, paw = (memoryview(wave.samples).cast("h")[:3].tolist() for wave in waves[:2])
    assert (flow, paw) == ([314, 949, 2414], [1141, 1155, 1256])
    assert waves[0].at < Instant(0) < waves[0].end < waves[2].end
