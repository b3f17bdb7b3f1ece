"""HealthyPi boards: every sample in its place, no number that the board did not compute."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.capture import decoded
from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.healthypi import HealthyPi
from devices.codecs.healthypi_packet import (
    HEALTHYPI_3,
    HEALTHYPI_4,
    HEALTHYPI_5,
    Layout,
    Numbers,
    Packet,
    PacketReader,
    Sample,
    framed,
)
from devices.model.observation import NO_SAMPLE, Instant, Reading, Waveform
from devices.profiles import profile
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
BYTES, INT16, INT32 = st.integers(0, 255), st.integers(-(2**15), 2**15 - 1), st.integers(-(2**31), 2**31 - 1)
NUMBERS = st.builds(Numbers, BYTES, BYTES, BYTES, INT16)
FIVE = st.builds(Sample, INT32, st.none() | INT32, INT32, INT32, NUMBERS)
FOUR = st.builds(Sample, INT16, INT16, INT32, INT32, NUMBERS)
WELL = Numbers(72, 15, 98, 3325)
SAID = [["hr", "72"], ["rr_imped", "15"], ["spo2", "98"], ["temp_skin", "33.25"]]
DOUBTED = [[*one, "QUESTIONABLE"] if one[0] != "temp_skin" else one for one in SAID]


def sample(ecg: int = 100, numbers: Numbers = WELL, impedance: int | None = -5) -> Sample:
    return Sample(ecg, impedance, 9000, 7000, numbers)


def stream(samples: Iterable[Sample], layout: Layout = HEALTHYPI_5) -> bytes:
    return b"".join(layout.encode(one) for one in samples)


def heard(*pieces: bytes, layout: Layout = HEALTHYPI_5) -> list[Said]:
    """What is said of all, and of the silence after it."""
    codec = HealthyPi(layout)
    said = [one for piece in pieces for one in codec.receive_data(piece, NOW)]
    while (due := codec.next_timer()) is not None:
        said += codec.handle_timer(max(due, NOW))
    return said


def values(said: Iterable[Said], metric: str) -> list[Decimal | None]:
    waves = [one for one in said if isinstance(one, Waveform) and one.metric == metric]
    return [
        None if n == NO_SAMPLE else n * wave.scale + wave.offset
        for wave in waves
        for n in memoryview(wave.samples).cast("h")
    ]


def told(said: Iterable[Said]) -> list[Any]:
    return [one for one in briefly(said) if not isinstance(one[1], int)]


@given(FIVE)
def test_every_packet_of_a_healthypi_5_survives_encoding(one: Sample) -> None:
    octets = HEALTHYPI_5.encode(one)
    assert octets[:5].hex() == "0afa160002"
    assert octets[27:].hex() == "000b"
    assert HEALTHYPI_5.decode(octets[5:27]) == one


@pytest.mark.parametrize("layout", [HEALTHYPI_3, HEALTHYPI_4])
@given(FOUR)
def test_every_packet_of_the_older_boards_survives_encoding(layout: Layout, one: Sample) -> None:
    octets = layout.encode(one)
    assert octets[:5].hex() == "0afa140002"
    assert layout.decode(octets[5:25]) == one


def test_the_fields_of_a_healthypi_5_stand_where_the_firmware_puts_them() -> None:
    payload = bytes.fromhex("01020000 FEFFFFFF 00 10270000 20A10700 FD0C 62 48 0F")
    numbers = Numbers(rate=72, respiration=15, spo2=98, temperature=3325)
    assert HEALTHYPI_5.decode(payload) == Sample(0x201, -2, 500_000, 10_000, numbers)


def test_the_fields_of_a_healthypi_v3_stand_where_the_firmware_puts_them() -> None:
    payload = bytes.fromhex("0102 FEFF 20A10700 10270000 FD0C 0F 62 48 50 00 02")
    numbers = Numbers(rate=72, respiration=15, spo2=98, temperature=3325, probe_off=True)
    assert HEALTHYPI_3.decode(payload) == Sample(0x201, -2, 500_000, 10_000, numbers)
    assert HEALTHYPI_4.decode(payload).numbers.leads_off


@given(st.lists(FIVE, min_size=1, max_size=70), st.data())
def test_a_stream_says_the_same_however_it_is_cut(samples: list[Sample], data: st.DataObject) -> None:
    octets = stream(samples)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=20)))
    pieces = [octets[a:b] for a, b in pairwise([0, *cuts, len(octets)])]
    assert briefly(heard(*pieces)) == briefly(heard(octets))
    assert briefly(heard(*[octets[at : at + 1] for at in range(len(octets))])) == briefly(heard(octets))


@given(st.lists(st.integers(-30_000, 4_000_000), min_size=1, max_size=70))
def test_samples_are_exact_where_a_block_fits_int16_and_else_to_their_range(counts: list[int]) -> None:
    got = values(heard(stream(sample(count) for count in counts)), "ecg_raw")
    assert len(got) == len(counts)
    for start in range(0, len(counts), HealthyPi.BLOCK):
        block = counts[start : start + HealthyPi.BLOCK]
        finest = (max(block) - min(block)) // 65_534
        for count, value in zip(block, got[start:], strict=False):
            assert value is not None
            assert abs(value - count) <= finest


def test_all_signals_and_numbers_of_a_second_are_told() -> None:
    said = heard(stream(sample(count) for count in range(128)))
    assert values(said, "ecg_raw") == list(range(128))
    assert values(said, "resp_raw") == [-5] * 128
    assert (values(said, "pleth")[0], values(said, "ppg_red")[0]) == (9000, 7000)
    assert told(said) == DOUBTED


def test_numbers_are_told_when_they_change_and_once_a_second() -> None:
    samples = [*[sample()] * 64, *[sample(numbers=Numbers(73, 15, 98, 3325))] * 32]
    rates = [one.value for one in heard(stream(samples)) if isinstance(one, Reading) and one.metric == "hr"]
    assert rates == [72, 73]
    codec, said = HealthyPi(HEALTHYPI_5), list[Said]()
    for block in range(40):
        said += codec.receive_data(stream([sample()] * 32), Instant(NOW + block * SECOND // 4))
    assert len([one for one in told(said) if one[0] == "hr"]) == 10


@settings(max_examples=300)
@given(st.integers(0, 32 * 29 - 1), st.integers(0, 7))
def test_one_flipped_bit_never_changes_a_number(at: int, bit: int) -> None:
    damaged = bytearray(stream([sample()] * 32))
    damaged[at] ^= 1 << bit
    said = heard(bytes(damaged), stream([sample()] * 32))
    assert [one for one in told(said) if one[0] != "bad-bytes"] == DOUBTED
    assert len(values(said, "ecg_raw")) == 64


@given(st.integers(0, 32 * 29 - 1), st.integers(1, 29))
def test_lost_bytes_cost_the_samples_that_they_touched(at: int, count: int) -> None:
    octets = stream(sample(n) for n in range(1, 65))
    got = values(heard(octets[:at] + octets[at + count :]), "ecg_raw")
    assert set(got) <= {None, *range(1, 65)}
    assert len({*range(1, 65)} - set(got)) <= 2 + count // 29
    assert [value for value in got if value is not None] == sorted(
        value for value in got if value is not None
    )


@given(st.binary(max_size=400))
def test_after_any_garbage_the_next_packets_are_read(garbage: bytes) -> None:
    said = heard(garbage, stream(sample(n) for n in range(70, 140)))
    assert values(said, "ecg_raw")[-60:] == list(range(80, 140))


def test_a_flood_of_starts_stays_cheap_and_bounded() -> None:
    reader = PacketReader(BadByteCounter())
    assert list(reader.feed(bytes.fromhex("0afa160002") * 20_000)) == []
    found = list(reader.feed(stream([sample()])))
    assert [(one.kind, len(one.payload)) for one in found] == [(2, 22)]


def test_a_packet_that_says_that_it_is_longer_than_any_is_passed_over() -> None:
    reader = PacketReader(BadByteCounter())
    packet = stream([sample()])
    (found,) = reader.feed(bytes.fromhex("0afaff0002") + packet)
    assert found == Packet(2, packet[5:27], 5, 0)


def test_an_impedance_to_be_skipped_is_no_sample() -> None:
    assert values(heard(stream([sample(impedance=None)] * 32)), "resp_raw") == [None] * 32


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (Numbers(0, 15, 98, 3325), ["hr", "NOT_AVAILABLE"]),
        (Numbers(255, 15, 98, 3325), ["hr", "NOT_AVAILABLE"]),
        (Numbers(72, 0, 98, 3325), ["rr_imped", "NOT_AVAILABLE"]),
        (Numbers(72, 15, 0, 3325), ["spo2", "NOT_AVAILABLE"]),
        (Numbers(72, 15, 25, 3325), ["spo2", "NOT_AVAILABLE"]),
        (Numbers(72, 15, 101, 3325), ["spo2", "INVALID"]),
        (Numbers(72, 15, 98, 0), ["temp_skin", "NOT_AVAILABLE"]),
        (Numbers(72, 15, 98, -50), ["temp_skin", "-0.5"]),
    ],
)
def test_what_the_board_has_no_number_for_is_no_value(numbers: Numbers, expected: list[str]) -> None:
    assert expected in told(heard(stream([sample(numbers=numbers)], HEALTHYPI_4), layout=HEALTHYPI_4))


def test_leads_that_are_off_give_neither_numbers_nor_samples() -> None:
    off = Sample(0, 0, 9000, 7000, Numbers(72, 15, 98, 3325, leads_off=True))
    said = heard(stream([off] * 32, HEALTHYPI_3), stream([sample()] * 32, HEALTHYPI_3), layout=HEALTHYPI_3)
    assert values(said, "ecg_raw")[:32] == values(said, "resp_raw")[:32] == [None] * 32
    assert values(said, "pleth")[0] == 9000
    lost = [["hr", "SENSOR_OFF"], ["rr_imped", "SENSOR_OFF"], *SAID[2:]]
    assert [one for one in briefly(said) if one[0] == "status"] == [
        ["status", {"leads-off": 1}],
        ["status", {"leads-off": 0}],
    ]
    assert [one for one in told(said) if one[0] != "status"] == [*lost, *SAID]


def test_a_probe_that_is_off_gives_no_saturation() -> None:
    numbers = Numbers(72, 15, 98, 3325, probe_off=True)
    said = told(heard(stream([sample(numbers=numbers)], HEALTHYPI_3), layout=HEALTHYPI_3))
    assert said == [["status", {"probe-off": 1}], *SAID[:2], ["spo2", "SENSOR_OFF"], SAID[3]]


def test_blocks_meet_and_the_last_sample_is_as_old_as_its_arrival() -> None:
    codec, waves = HealthyPi(HEALTHYPI_5), list[Waveform]()
    for number in range(160):
        now = Instant(NOW + number * 8 * SECOND // 128)
        waves += [one for one in codec.receive_data(stream([sample()] * 8), now) if isinstance(one, Waveform)]
    ecg = [one for one in waves if one.metric == "ecg_raw"]
    assert all(0 <= later.at - earlier.end < 100_000 for earlier, later in pairwise(ecg))
    assert abs(ecg[-1].end - (NOW + 160 * 8 * SECOND // 128)) < 100_000_000


def test_after_a_silence_time_begins_anew() -> None:
    codec = HealthyPi(HEALTHYPI_5)
    codec.receive_data(stream([sample()] * 40), NOW)
    due = codec.next_timer()
    assert due is not None
    assert [len(one) for one in codec.handle_timer(due) if isinstance(one, Waveform)] == [8] * 4
    later = Instant(NOW + 60 * SECOND)
    first = next(
        one for one in codec.receive_data(stream([sample()] * 32), later) if isinstance(one, Waveform)
    )
    assert abs(first.end - later) < 20_000_000


def test_a_packet_of_another_kind_is_kept_once() -> None:
    other = framed(bytes(50), kind=3)
    assert told(heard(other * 3)) == [
        ["unmapped", {"code": "3/50", "system": "healthypi", "value": "00" * 50}]
    ]


def test_the_board_is_owed_nothing() -> None:
    assert HealthyPi(HEALTHYPI_5).data_to_send() == b""


@pytest.mark.parametrize(
    ("name", "layout"),
    [("healthypi-3", HEALTHYPI_3), ("healthypi-4", HEALTHYPI_4), ("healthypi-5", HEALTHYPI_5)],
)
def test_a_recording_of_raw_bytes_is_read_by_its_profile(name: str, layout: Layout) -> None:
    said = list(decoded(profile(name), stream((sample(n) for n in range(1, 65)), layout)))
    assert values(said, "ecg_raw") == list(range(1, 65))
    assert [one[:2] for one in told(said)][:4] == SAID


def test_the_constants_in_the_place_of_a_blood_pressure_are_no_blood_pressure() -> None:
    said = heard(stream([sample()] * 32, HEALTHYPI_4), layout=HEALTHYPI_4)
    assert not [one for one in told(said) if one[0].startswith("nibp")]


def test_a_burst_of_garbage_is_counted_and_costs_its_room() -> None:
    said = heard(stream([sample(1)] * 16), bytes(58), stream([sample(2)] * 14))
    assert values(said, "ecg_raw") == [1] * 16 + [None] * 2 + [2] * 14
    assert ["bad-bytes", {"framing": 58}] in briefly(said)


def test_a_long_break_begins_anew_and_makes_up_no_samples() -> None:
    said = heard(stream([sample(1)] * 32), bytes(29 * 500), stream([sample(2)] * 32))
    assert values(said, "ecg_raw") == [1] * 32 + [2] * 32


def test_the_lead_off_status_of_a_v4_is_any_of_five_bits() -> None:
    for bit in range(5):
        payload = HEALTHYPI_4.encode(sample())[5:24] + bytes((1 << bit,))
        assert HEALTHYPI_4.decode(payload).numbers.leads_off
    assert not HEALTHYPI_4.decode(HEALTHYPI_4.encode(sample())[5:24] + b"\x40").numbers.leads_off
