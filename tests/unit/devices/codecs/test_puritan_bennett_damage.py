"""Real reports of Puritan Bennett ventilators, damaged: a field out of its place never becomes a number."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.capture import chunks
from devices.codecs import Said
from devices.codecs.puritan_bennett.codec import PuritanBennett
from devices.codecs.puritan_bennett.fields import SILENCE
from devices.codecs.puritan_bennett.report import Report, decode_report, is_displaced
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.profiles import profile
from tests.support.captures import briefly

CAPTURES = Path(__file__).parents[3] / "captures"
NOW = Instant(0)


def lines(name: str) -> list[bytes]:
    """Every report of a capture, without its CR."""
    content = (CAPTURES / f"{name}.txt").read_bytes()
    stream = b"".join(chunk.data for chunk in chunks(profile("puritan-bennett-840").link, content))
    return [line for line in stream.split(b"\r") if line]


LINES = [*lines("puritan_bennett_840"), *lines("puritan_bennett_980")]
[MADE_UP] = lines("puritan_bennett_980_made_up")
NAMES = ["MISCF 840", "MISCA 840", "MISCF another 840", "MISCF 980"]
EACH = pytest.mark.parametrize("line", LINES, ids=NAMES)


def framed(name: str, body: bytes, size: int = 0, count: int = 0) -> bytes:
    """A line with `body`, which says of itself what is true, unless `size` and `count` are given."""
    header = f"{name},{size or len(body)},{count or body.count(b',')} ,"
    return header.encode("ascii") + b"\x02" + body + b"\x03"


def parts(line: bytes) -> tuple[str, list[bytes]]:
    """The name of a report, and its fields with their commas."""
    head, _, rest = line.partition(b"\x02")
    return head[:5].decode("ascii"), [field + b"," for field in rest[:-1].split(b",")[:-1]]


def heard(*reports: bytes, codec: PuritanBennett | None = None, now: Instant = NOW) -> list[Said]:
    codec = codec or PuritanBennett()
    return [one for line in reports for one in codec.receive_data(line + b"\r", now)]


def numbers(said: Iterable[Said]) -> set[tuple[str, str]]:
    return {
        (one.metric, str(one.value)) for one in said if isinstance(one, Reading) and one.value is not None
    }


def counted(said: Iterable[Said]) -> list[dict[str, str | int]]:
    return [
        dict(one.detail) for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.BAD_BYTES
    ]


@EACH
def test_a_real_report_is_where_it_belongs(line: bytes) -> None:
    report = decode_report(line)
    assert isinstance(report, Report)
    assert not is_displaced(report)


@EACH
def test_a_field_put_in_or_lost_never_gives_a_number_of_another_field(line: bytes) -> None:
    name, fields = parts(line)
    right = numbers(heard(line))
    for at in range(len(fields)):
        for damaged in (
            [*fields[:at], b"      ,", *fields[at:]],
            [*fields[:at], fields[at], *fields[at:]],
            [*fields[:at], *fields[at + 1 :]],
        ):
            assert numbers(heard(framed(name, b"".join(damaged)))) <= right, at


@EACH
def test_a_report_with_a_field_more_or_less_than_declared_is_not_read(line: bytes) -> None:
    name, fields = parts(line)
    size, count = len(b"".join(fields)), len(fields)
    for damaged in (fields[:-1], [*fields, b"      ,"], fields[1:], fields[:40] + fields[60:]):
        said = heard(framed(name, b"".join(damaged), size, count))
        assert said == heard(b"garbage") or counted(said) == [{"length": 1}]
        assert numbers(said) == set()


def test_a_made_up_report_whose_fields_are_displaced_is_not_read_even_if_it_declares_what_it_has() -> None:
    """Taken at its word it would tell 14 breaths a minute (which are 10) and 10 L of tidal volume (0.32)."""
    name, fields = parts(MADE_UP)
    assert len(fields) == 174
    assert briefly(heard(framed(name, b"".join(fields)))) == [["bad-bytes", {"range": 1}]]


@settings(max_examples=150)
@given(st.integers(0, 1200), st.integers(1, 600), st.data())
def test_two_reports_spliced_at_different_places_give_no_number(
    at: int, lost: int, data: st.DataObject
) -> None:
    first, second = data.draw(st.permutations([LINES[0], LINES[2], LINES[3]]))[:2]
    spliced = first[:at] + second[min(at + lost, 1240) :]
    said = heard(spliced, second)
    assert numbers(said) == numbers(heard(second))


@pytest.mark.parametrize("text", ["0.000", "NORMAL", "HIGH", "X"])
def test_what_is_no_switch_where_silence_of_alarms_is_told_shows_a_displaced_report(text: str) -> None:
    assert is_displaced(Report("MISCF", {SILENCE["MISCF"]: text}))
    assert is_displaced(Report("MISCA", {SILENCE["MISCA"]: text}))


@pytest.mark.parametrize(
    ("fields", "displaced"),
    [
        ({106: "ON"}, True),
        ({106: "4.5"}, True),
        ({70: "NORMAL"}, True),
        ({70: "RESET"}, True),
        ({70: "OFF"}, False),
        ({70: "****"}, False),
        ({106: "URGENT"}, False),
        ({14: "NORMAL", 163: "NORMAL", 172: "BREATH"}, False),
        ({}, False),
    ],
)
def test_only_what_cannot_be_shows_a_displaced_report(fields: dict[int, str], displaced: bool) -> None:
    assert is_displaced(Report("MISCF", fields)) == displaced


@EACH
def test_the_end_of_a_line_may_be_any(line: bytes) -> None:
    plain = heard(line)
    assert PuritanBennett().receive_data(line + b"\r\n", NOW) == plain
    assert PuritanBennett().receive_data(b"\n\0" + line + b"\r", NOW) == plain
    assert PuritanBennett().receive_data(b"\r\r" + line + b"\r", NOW) == plain


@EACH
def test_a_real_report_says_the_same_byte_by_byte(line: bytes) -> None:
    codec = PuritanBennett()
    said: list[Said] = []
    for octet in line + b"\r":
        said += codec.receive_data(bytes((octet,)), NOW)
    assert said == heard(line)


@EACH
def test_a_report_of_which_the_first_bytes_are_lost_is_counted_once_and_costs_no_other(line: bytes) -> None:
    for lost in (1, 5, 18, 300, len(line) - 1):
        said = heard(line[lost:], line)
        assert numbers(said) == numbers(heard(line))
        assert counted(said) == [{"framing": 1}]
