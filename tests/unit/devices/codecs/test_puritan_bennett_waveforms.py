"""Puritan Bennett's waveforms: every sample at its place, whatever happens to the lines."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.puritan_bennett.waveforms import PuritanBennettWaveforms, encode_breath
from devices.model.observation import NO_SAMPLE, Instant, Waveform
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
HUNDREDTHS = st.integers(-30_000, 30_000).map(lambda n: Decimal(n) / 100)
BREATHS = st.lists(st.tuples(HUNDREDTHS, HUNDREDTHS), min_size=1, max_size=30)
LINES = b"BS, S:65426,\n3.14, 11.41\n-9.49, 11.55\n24.14, 12.56\nBE\n"


def heard(*pieces: bytes, codec: PuritanBennettWaveforms | None = None, now: Instant = NOW) -> list[Said]:
    codec = codec or PuritanBennettWaveforms()
    return [one for piece in pieces for one in codec.receive_data(piece, now)]


def samples(said: Iterable[Said], metric: str) -> list[int]:
    waves = [one for one in said if isinstance(one, Waveform) and one.metric == metric]
    return [n for wave in waves for n in memoryview(wave.samples).cast("h")]


@given(st.lists(BREATHS, max_size=4), st.data())
def test_breaths_survive_however_they_are_cut(
    breaths: list[list[tuple[Decimal, Decimal]]], data: st.DataObject
) -> None:
    stream = b"".join(encode_breath(n, breath) for n, breath in enumerate(breaths))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    said = heard(*[stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])])
    assert samples(said, "flow_wave") == [int(flow * 100) for breath in breaths for flow, _ in breath]
    assert samples(said, "paw_wave") == [int(paw * 100) for breath in breaths for _, paw in breath]


@pytest.mark.parametrize(
    "lines",
    [
        LINES,
        LINES.replace(b"\n", b"\r\n"),
        LINES.replace(b", ", b" ,  "),
        LINES.replace(b"\n", b",\n").replace(b",,", b","),
        LINES.replace(b"\n", b"\n\0\0"),
    ],
)
def test_every_way_to_write_a_line_is_read(lines: bytes) -> None:
    said = heard(lines)
    assert samples(said, "flow_wave") == [314, -949, 2414]
    assert samples(said, "paw_wave") == [1141, 1155, 1256]
    assert {(one.rate_mhz, one.scale) for one in said if isinstance(one, Waveform)} == {
        (50_000, Decimal("0.01"))
    }


@pytest.mark.parametrize(
    "damaged", [b"3.14 11.41", b"3.14, 11.419.49, 11.55", b"1.5", b"1, 2, 3", b"4000, 1", b"x"]
)
def test_a_line_that_is_not_two_numbers_is_a_sample_that_was_not_given(damaged: bytes) -> None:
    said = heard(b"BS, S:1,\n1.00, 2.00\n" + damaged + b"\n3.00, 4.00\nBE\n")
    assert samples(said, "flow_wave") == [100, NO_SAMPLE, 300]
    assert samples(said, "paw_wave") == [200, NO_SAMPLE, 400]
    assert briefly(said)[-1] == ["bad-bytes", {"framing": 1}]


def test_a_number_too_great_for_a_sample_is_not_given() -> None:
    said = heard(b"BS, S:1,\n400, 2.00\n1, 2\nBE\n")
    assert samples(said, "flow_wave") == [NO_SAMPLE, 100]
    assert briefly(said)[-1] == ["bad-bytes", {"range": 1}]


def test_a_breath_sent_at_once_ended_when_it_began_to_come() -> None:
    codec = PuritanBennettWaveforms()
    breath = encode_breath(7, [(Decimal(1), Decimal(2))] * 150)
    heard(breath[:100], codec=codec)
    [flow, _] = heard(breath[100:], codec=codec, now=Instant(NOW + SECOND // 2))
    assert isinstance(flow, Waveform)
    assert flow.at == NOW - 3 * SECOND
    assert flow.end == NOW


def test_a_breath_sent_line_by_line_ended_when_its_last_line_came() -> None:
    codec = PuritanBennettWaveforms()
    said: list[Said] = []
    for n, line in enumerate(encode_breath(7, [(Decimal(1), Decimal(2))] * 50).splitlines(keepends=True)):
        said += heard(line, codec=codec, now=Instant(NOW + n * SECOND // 50))
    [flow, _] = said
    assert isinstance(flow, Waveform)
    assert abs(flow.at - NOW) <= SECOND // 25


def test_the_beginning_of_the_next_breath_ends_one_whose_end_was_lost() -> None:
    said = heard(b"BS, S:1,\n1, 2\nBS, S:2,\n3, 4\nBE\n")
    assert [len(one) for one in said if isinstance(one, Waveform)] == [1, 1, 1, 1]


def test_a_breath_that_breaks_off_is_told_when_the_port_falls_silent() -> None:
    codec = PuritanBennettWaveforms()
    assert heard(b"BS, S:1,\n1, 2\n", codec=codec) == []
    assert codec.next_timer() == NOW + 5 * SECOND
    assert samples(codec.handle_timer(Instant(NOW + 5 * SECOND)), "paw_wave") == [200]
    assert codec.next_timer() is None


def test_nothing_is_sent_to_this_port() -> None:
    assert PuritanBennettWaveforms().data_to_send() == b""


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    codec = PuritanBennettWaveforms()
    heard(data, b"\nBE\n", codec=codec)
    assert samples(heard(LINES, codec=codec), "flow_wave") == [314, -949, 2414]


def test_a_flood_without_line_ends_is_one_bad_line_and_no_sample() -> None:
    codec = PuritanBennettWaveforms()
    said = heard(*[b"9" * 1000] * 100, b"\nBE\n", codec=codec)
    assert briefly(said) == [["bad-bytes", {"framing": 1}]]


def test_a_line_that_breaks_off_in_the_beginning_of_a_breath_ends_the_breath_before_it() -> None:
    """As an 840 sent it that began anew (hahnicity/ventMAP, bad_unicode_error)."""
    said = heard(b"BS, S:55244,\n4.30, 0.59\n39.02, 1.21\n1\xffBS, S:0,\n5, 6\nBE\n")
    flows = [one for one in said if isinstance(one, Waveform) and one.metric == "flow_wave"]
    assert [samples([one], "flow_wave") for one in flows] == [[430, 3902], [500]]
    assert briefly(said)[-1] == ["bad-bytes", {"framing": 1}]


@pytest.mark.parametrize(
    "line", [b"2016-02-17-08-43-02.525325", b"BN,ventBN,BS, ,x01", b"BS", b"BEBE", b"BS, S:"]
)
def test_a_line_that_is_no_mark_is_no_mark(line: bytes) -> None:
    said = heard(b"BS, S:1,\n1, 2\n" + line + b"\n3, 4\nBE\n")
    assert samples(said, "flow_wave") == [100, NO_SAMPLE, 300]


@given(st.binary(max_size=40))
def test_whatever_stands_in_one_line_costs_one_sample_or_ends_a_breath(junk: bytes) -> None:
    junk = junk.replace(b"\n", b"")
    said = heard(b"BS, S:1,\n1, 2\n" + junk + b"\n3, 4\nBE\n")
    assert next(n for n in samples(said, "paw_wave") if n != NO_SAMPLE) == 200
    assert samples(said, "paw_wave")[-1] == 400
