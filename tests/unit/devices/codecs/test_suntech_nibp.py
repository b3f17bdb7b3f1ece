"""SunTech NIBP modules: each measurement's numbers once, and never those of another."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.suntech_nibp import SuntechNibp
from devices.codecs.suntech_packet import (
    ABORT,
    GET_CUFF_PRESSURE,
    GET_RESULT,
    Answer,
    PatientKind,
    Result,
    cuff_packet,
    decode_cuff,
    packet,
    start,
)
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
SHORTS, BYTES = st.integers(0, 0xFFFF), st.integers(0, 0xFF)
RESULTS = st.builds(
    Result, SHORTS, SHORTS, SHORTS, BYTES, BYTES, BYTES, BYTES, st.binary(min_size=8, max_size=8)
)
EXAMPLE = Result(115, 74, 88, 85, beats=30, test_codes=bytes.fromhex("0000000000003107"))
NUMBERS = [["nibp_sys", "115"], ["nibp_dia", "74"], ["nibp_map", "88"], ["pr_nibp", "85"]]
K = packet(b"K")
FRAMES = st.one_of(
    RESULTS.map(Result.encode),
    st.integers(-100, 400).map(cuff_packet),
    st.sampled_from(Answer).map(lambda answer: packet(answer.value.encode())),
)


def told(said: Iterable[Said]) -> list[Any]:
    return briefly(said)


def heard(*pieces: bytes, codec: SuntechNibp | None = None) -> list[Any]:
    codec = codec or SuntechNibp()
    return told(one for piece in pieces for one in codec.receive_data(piece, NOW))


class Host:
    """A codec, and the time as it goes by."""

    def __init__(self, codec: SuntechNibp | None = None) -> None:
        self.codec = codec or SuntechNibp()
        self.now = NOW
        self.said: list[Said] = []
        assert self.codec.data_to_send() == GET_RESULT
        self.codec.handle_timer(self.now)

    def asks(self) -> bytes:
        """What is asked next."""
        due = self.codec.next_timer()
        assert due is not None
        self.now = max(self.now, due)
        self.said += self.codec.handle_timer(self.now)
        return self.codec.data_to_send()

    def hears(self, *data: bytes) -> list[Any]:
        """What is said of the answers, now."""
        self.now = Instant(self.now + 50_000_000)
        return told(one for piece in data for one in self.codec.receive_data(piece, self.now))


def idle(codec: SuntechNibp | None = None) -> Host:
    """A host whose module has measured nothing yet."""
    host = Host(codec)
    assert host.hears(Result(0, 0, 0, 0, status=0).encode()) == []
    assert host.asks() == GET_CUFF_PRESSURE
    assert host.hears(cuff_packet(0)) == [["cuff_pressure", "0"]]
    return host


def test_commands_are_those_of_the_manual() -> None:
    assert start(PatientKind.ADULT) == bytes.fromhex("3A 20 A6")
    assert bytes.fromhex("3A 79 05 00 48") == GET_CUFF_PRESSURE
    assert bytes.fromhex("3A 79 03 00 4A") == GET_RESULT
    assert sum(ABORT) % 256 == 0


@given(RESULTS)
def test_every_result_survives_encoding(result: Result) -> None:
    octets = result.encode()
    assert len(octets) == octets[1] == 24
    assert sum(octets) % 256 == 0
    assert Result.decode(octets[2:-1]) == result


@given(st.none() | st.integers(-32768, 32767).filter(lambda n: n != -1))
def test_every_cuff_pressure_survives_encoding(pressure: int | None) -> None:
    assert decode_cuff(cuff_packet(pressure)[2:-1]) == pressure


@given(st.lists(FRAMES, max_size=6), st.data())
def test_a_stream_says_the_same_however_it_is_cut(frames: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(frames)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert heard(*pieces) == heard(stream)
    assert heard(*[stream[at : at + 1] for at in range(len(stream))]) == heard(stream)


@given(st.binary(max_size=300))
def test_after_any_garbage_and_a_gap_the_next_packet_is_read(garbage: bytes) -> None:
    codec = SuntechNibp()
    codec.receive_data(garbage, NOW)
    said = told(codec.receive_data(EXAMPLE.encode(), Instant(NOW + SECOND)))
    assert [one for one in said if one[0] != "bad-bytes"][-4:] == NUMBERS


@settings(max_examples=300)
@given(st.integers(0, 23), st.integers(0, 7))
def test_a_flipped_bit_costs_that_packet_only(at: int, bit: int) -> None:
    damaged = bytearray(EXAMPLE.encode())
    damaged[at] ^= 1 << bit
    codec = SuntechNibp()
    first = codec.receive_data(bytes(damaged), NOW)
    second = codec.receive_data(cuff_packet(17), Instant(NOW + SECOND))
    readings = [one for one in [*first, *second] if isinstance(one, Reading)]
    assert [(one.metric, one.value) for one in readings] == [("cuff_pressure", Decimal(17))]


def test_a_flood_of_starts_stays_cheap_and_bounded() -> None:
    codec = SuntechNibp()
    for _ in range(200):
        codec.receive_data(b"\x3e" * 100, NOW)
    assert ["cuff_pressure", "17"] in told(codec.receive_data(cuff_packet(17), Instant(NOW + SECOND)))


def test_the_cuff_pressure_is_asked_for_again_and_again() -> None:
    host = idle()
    times: list[int] = []
    for pressure in (1, 2, 3):
        assert host.asks() == GET_CUFF_PRESSURE
        times.append(host.now)
        assert host.hears(cuff_packet(pressure)) == [["cuff_pressure", str(pressure)]]
    assert all(later - earlier == SECOND // 2 for earlier, later in pairwise(times))


def test_a_measurement_that_somebody_starts_is_fetched_once_when_the_module_says_so() -> None:
    host = idle()
    host.asks()
    assert host.hears(cuff_packet(60)) == [["status", {"measuring": 1}], ["cuff_pressure", "60"]]
    assert host.asks() == GET_CUFF_PRESSURE
    assert host.hears(cuff_packet(120), K) == [["cuff_pressure", "120"], ["status", {"measuring": 0}]]
    assert host.asks() == GET_RESULT
    assert host.hears(EXAMPLE.encode()) == NUMBERS
    assert host.asks() == GET_CUFF_PRESSURE


def test_a_measurement_whose_end_was_not_heard_is_fetched_when_the_cuff_is_empty() -> None:
    host = idle()
    for pressure, expected in ((60, "60"), (15, "15"), (3, "3")):
        assert host.asks() == GET_CUFF_PRESSURE
        assert ["cuff_pressure", expected] in host.hears(cuff_packet(pressure))
    assert host.asks() == GET_RESULT
    assert host.hears(EXAMPLE.encode()) == NUMBERS


def test_a_result_from_before_the_connection_is_of_unknown_age() -> None:
    said = Host().hears(EXAMPLE.encode())
    assert said == [[*one, "QUESTIONABLE|STORED"] for one in NUMBERS]


def test_a_module_that_has_measured_nothing_says_nothing() -> None:
    assert Host().hears(Result(0, 0, 0, 0, status=0).encode()) == []


def test_an_answer_that_got_lost_is_asked_for_again_and_missed_at_last() -> None:
    host = idle()
    host.asks()
    host.hears(cuff_packet(60), K)
    assert [host.asks() for _ in range(3)] == [GET_RESULT] * 3
    assert host.hears(EXAMPLE.encode()) == NUMBERS
    host.asks()
    host.hears(cuff_packet(60), K)
    assert [host.asks() for _ in range(11)] == [GET_RESULT] * 10 + [GET_CUFF_PRESSURE]
    assert told(host.said)[-1] == ["refused", {"command": "get-result", "answer": "none"}]


def test_an_error_is_no_numbers_and_an_alarm_until_a_measurement_succeeds() -> None:
    failed = Result(0, 0, 0, 0, status=0, error=87)
    alarm = {"code": "87", "text": "air-leak-or-loose-cuff"}
    nothing = [[name, "FAILED"] for name, _ in NUMBERS]
    codec = SuntechNibp()
    assert heard(failed.encode(), codec=codec) == [["device-alarm", {**alarm, "active": 1}], *nothing]
    assert heard(EXAMPLE.encode(), codec=codec) == [["device-alarm", {**alarm, "active": 0}], *NUMBERS]


def test_an_error_of_an_unknown_number_is_kept_by_its_number() -> None:
    said = heard(Result(115, 74, 88, 85, error=200).encode())
    assert said[0] == ["device-alarm", {"code": "200", "text": "unknown", "active": 1}]
    assert said[1] == ["nibp_sys", "FAILED"]


def test_numbers_that_the_module_does_not_call_valid_are_none() -> None:
    assert heard(Result(115, 74, 88, 85, status=0).encode()) == [[name, "INVALID"] for name, _ in NUMBERS]


def test_a_zero_is_no_value() -> None:
    assert heard(Result(115, 74, 0, 85).encode())[2] == ["nibp_map", "NOT_AVAILABLE"]
    assert heard(cuff_packet(None)) == [["cuff_pressure", "NOT_AVAILABLE"]]
    assert heard(cuff_packet(-3)) == [["cuff_pressure", "UNDERFLOW"]]


def test_no_measurement_is_started_unless_it_is_asked_for() -> None:
    host = idle()
    asked = set[bytes]()
    for _ in range(1000):
        asked.add(host.asks())
        host.hears(cuff_packet(0))
    assert asked == {GET_CUFF_PRESSURE}


def test_a_measurement_can_be_asked_for() -> None:
    host = idle()
    host.codec.measure()
    assert host.asks() == start(PatientKind.ADULT)
    assert host.hears(packet(b"O")) == [["status", {"measuring": 1}]]
    assert host.asks() == GET_CUFF_PRESSURE
    assert host.hears(cuff_packet(2)) == [["cuff_pressure", "2"]]
    assert host.hears(K) == [["status", {"measuring": 0}]]
    assert host.asks() == GET_RESULT


def test_measurements_are_started_at_an_interval_if_the_codec_was_made_so() -> None:
    host = Host(SuntechNibp(interval_s=300, patient=PatientKind.NEONATE))
    starts: list[int] = []
    while len(starts) < 3:
        if host.asks() == start(PatientKind.NEONATE):
            starts.append(host.now)
        host.hears(cuff_packet(0))
    assert all(later - earlier == 300 * SECOND for earlier, later in pairwise(starts))


def test_a_refusal_is_told_once() -> None:
    host = idle()
    host.codec.measure()
    host.asks()
    assert host.hears(packet(b"B")) == [["refused", {"command": "start", "answer": "busy"}]]
    for answers in ([["refused", {"command": "get-cuff-pressure", "answer": "sleeping"}]], [], []):
        host.asks()
        assert host.hears(packet(b"S")) == answers


def test_an_answer_that_is_no_letter_of_the_module_is_counted() -> None:
    assert heard(packet(b"x")) == [["bad-bytes", {"range": 1}]]


def test_a_packet_of_another_length_is_kept_once() -> None:
    detail = {"code": "packet-7", "system": "suntech", "value": "01020304"}
    assert heard(packet(bytes((1, 2, 3, 4))) * 2) == [["unmapped", detail]]


def test_bad_bytes_are_counted_by_reason() -> None:
    codec = SuntechNibp()
    wrong = EXAMPLE.encode()[:-1] + b"\x00"
    said = codec.receive_data(b"\x01\x02" + wrong + K, NOW)
    bad = [one for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.BAD_BYTES]
    assert bad[0].detail["checksum"] == 1
    assert bad[0].detail["framing"] == 2 + 23


def test_an_error_that_follows_another_ends_it() -> None:
    codec = SuntechNibp()
    alarms = [
        one[1]
        for error in (2, 2, 85)
        for one in heard(Result(0, 0, 0, 0, status=0, error=error).encode(), codec=codec)
        if one[0] == "device-alarm"
    ]
    assert [(alarm["code"], alarm["active"]) for alarm in alarms] == [("2", 1), ("2", 0), ("85", 1)]
    assert alarms[0]["text"] == "artifact-or-erratic-signal"


def test_half_a_packet_is_forgotten_after_a_gap() -> None:
    codec = SuntechNibp()
    assert codec.receive_data(EXAMPLE.encode()[:10], NOW) == []
    said = told(codec.receive_data(cuff_packet(17), Instant(NOW + SECOND)))
    assert said == [["cuff_pressure", "17"], ["bad-bytes", {"framing": 10}]]


def test_a_packet_in_two_pieces_within_the_gap_is_one() -> None:
    codec, octets = SuntechNibp(), EXAMPLE.encode()
    assert codec.receive_data(octets[:10], NOW) == []
    assert told(codec.receive_data(octets[10:], Instant(NOW + SECOND // 10))) == NUMBERS


def test_an_aborted_measurement_is_fetched_and_has_failed() -> None:
    host = idle()
    host.asks()
    host.hears(cuff_packet(90))
    assert host.hears(packet(b"A"), K) == [["status", {"measuring": 0}]]
    assert host.asks() == GET_RESULT
    said = host.hears(Result(0, 0, 0, 0, status=0, error=86).encode())
    assert said[0] == ["device-alarm", {"code": "86", "text": "terminated-by-user", "active": 1}]
    assert {one[1] for one in said[1:]} == {"FAILED"}


def test_two_measurements_give_two_results() -> None:
    host = idle()
    for systolic in (120, 130):
        host.asks()
        host.hears(cuff_packet(60), K)
        assert host.asks() == GET_RESULT
        assert host.hears(Result(systolic, 80, 93, 70).encode())[0] == ["nibp_sys", str(systolic)]
        assert host.asks() == GET_CUFF_PRESSURE
        host.hears(cuff_packet(0))


def test_a_module_that_does_not_answer_is_asked_for_ever() -> None:
    host = Host()
    asked = [host.asks() for _ in range(50)]
    assert set(asked[-30:]) == {GET_CUFF_PRESSURE}
