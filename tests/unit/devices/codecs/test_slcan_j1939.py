"""J1939 by an SLCAN adapter: values of the right unit, from the right bytes, and nothing ever sent."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.j1939.codec import SET_UP, SlcanJ1939
from devices.codecs.j1939.parameters import DM1, PARAMETERS, Trouble, encode_dm1, troubles
from devices.codecs.j1939.slcan import LONGEST, CanFrame, LineReader
from devices.codecs.j1939.transport import Message, Transport, encode_broadcast, identifier, message_of
from devices.model.observation import Instant, Reading
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
FRAMES = st.builds(CanFrame, st.integers(0, 0x1FFFFFFF), st.binary(max_size=8))


def later(seconds: float) -> Instant:
    return Instant(NOW + round(seconds * SECOND))


def line(frame: str, source: int = 0) -> bytes:
    """The adapter's line of a frame as candump writes it, from another source."""
    head, data = frame.split("#")
    return CanFrame(int(head, 16) | source, bytes.fromhex(data)).encode()


def heard(*frames: str, codec: SlcanJ1939 | None = None, at: float = 0.0) -> list[Any]:
    codec = codec or SlcanJ1939()
    return briefly(one for frame in frames for one in codec.receive_data(line(frame), later(at)))


def read(data: bytes) -> tuple[list[object], dict[str, int]]:
    bad = BadByteCounter()
    found = list(LineReader(bad).feed(data))
    return list(found), {name: int(n) for event in bad.told(NOW) for name, n in event.detail.items()}


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ("0CF00400#207D87481400F087", [["engine_speed", "649"]]),
        ("18FEE000#FFFFFFFFB05C6800", [["odometer", "854934"]]),
        ("18FEF100#FF00503FFFFFFFFF", [["vehicle_speed", "80"]]),
        ("18FEF100#F3003C0000FF1FFF", [["vehicle_speed", "60"]]),
        ("18FEEE00#6E00782600000000", [["coolant_temp", "70"], ["engine_oil_temp", "34.75"]]),
        ("18FEFC00#FF7DFFFFFFFFFFFF", [["fuel_level", "50"]]),
        ("18FEC100#40420F00FFFFFFFF", [["odometer", "5000"]]),
        ("18FEF700#FFFFFFFF1801FFFF", [["vehicle_voltage", "14"]]),
        ("18FEF500#FFFFFF8024FFFFFF", [["outside_temp", "19"]]),
        ("0CF00400#FFFFFF0000FFFFFF", [["engine_speed", "0"]]),
    ],
)
def test_values_are_in_the_units_of_their_metrics(frame: str, told: list[list[str]]) -> None:
    assert heard(frame) == told


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("FFFFFFFFFFFFFFFF", "NOT_AVAILABLE"),
        ("FFFFFF00FFFFFFFF", "NOT_AVAILABLE"),
        ("FFFFFF00FEFFFFFF", "INVALID"),
        ("FFFFFF00FBFFFFFF", "RESERVED"),
        ("FFFFFFFFFDFFFFFF", "RESERVED"),
    ],
)
def test_what_is_not_available_or_wrong_is_no_value(data: str, reason: str) -> None:
    assert heard(f"0CF00400#{data}") == [["engine_speed", reason]]


def test_the_highest_value_is_one() -> None:
    assert heard("0CF00400#FFFFFFFFFAFFFFFF") == [["engine_speed", "8031.875"]]


def test_a_message_that_ends_too_early_is_counted() -> None:
    assert heard("0CF00400#207D8748") == [["bad-bytes", {"length": 1}]]


@pytest.mark.parametrize("pgn", PARAMETERS)
def test_every_value_survives_encoding(pgn: int) -> None:
    for one in PARAMETERS[pgn]:
        data = bytearray(b"\xff" * 8)
        one.put(data, Decimal(100))
        decoded = one.decode(bytes(data))
        assert isinstance(decoded, Decimal)
        assert abs(decoded - 100) <= Decimal(one.numerator) / one.denominator / 2


def test_a_metric_is_told_five_times_a_second_at_the_most_but_its_end_at_once() -> None:
    codec = SlcanJ1939()
    told = [heard("0CF00400#207D87481400F087", codec=codec, at=n / 100) for n in range(100)]
    assert sum(map(len, told)) == 5
    assert heard("0CF00400#FFFFFFFFFFFFFFFF", codec=codec, at=1.0) == [["engine_speed", "NOT_AVAILABLE"]]
    assert heard("0CF00400#207D87481400F087", codec=codec, at=1.01) == [["engine_speed", "649"]]


def test_the_unit_with_the_lowest_address_that_has_a_value_counts() -> None:
    codec = SlcanJ1939()
    cab, engine, nothing = (
        "18FEF131#FF001000FFFFFFFF",
        "18FEF100#FF002000FFFFFFFF",
        "18FEF131#FFFFFFFFFFFFFFFF",
    )
    assert heard(nothing, codec=codec) == [["vehicle_speed", "NOT_AVAILABLE"]]
    assert heard(cab, codec=codec, at=0.5) == [["vehicle_speed", "16"]]
    assert heard(engine, codec=codec, at=1) == [["vehicle_speed", "32"]]
    assert heard(cab, nothing, codec=codec, at=2) == []
    assert heard(cab, codec=codec, at=7) == [["vehicle_speed", "16"]]


def test_an_engine_without_the_value_does_not_end_that_of_another_unit() -> None:
    codec = SlcanJ1939()
    assert heard("18FEF131#FF001000FFFFFFFF", codec=codec) == [["vehicle_speed", "16"]]
    assert heard("18FEF100#FFFFFFFFFFFFFFFF", codec=codec, at=1) == []


def alarms(*frames: str, codec: SlcanJ1939 | None = None) -> list[str]:
    told = [brief[1] for brief in heard(*frames, codec=codec) if brief[0] == "device-alarm"]
    return [f"{'+' if one['active'] else '-'}{one['code']}" for one in told]


def test_trouble_codes_are_alarms_of_their_unit_until_it_no_longer_tells_them() -> None:
    codec = SlcanJ1939()
    assert alarms("18FECA00#40FF5B000301FFFF", codec=codec) == ["+SPN 91 FMI 3 SA 0"]
    assert alarms("18FECA0B#00FF5B000301FFFF", codec=codec) == ["+SPN 91 FMI 3 SA 11"]
    assert alarms("18FECA00#00FF00000000FFFF", codec=codec) == ["-SPN 91 FMI 3 SA 0"]
    assert alarms("18FECA0B#00FF00000000FFFF", codec=codec) == ["-SPN 91 FMI 3 SA 11"]


def test_lamps_are_conditions_and_give_the_alarms_their_priority() -> None:
    told = heard("18FECA00#14FF5B000301FFFF")
    assert told[:2] == [["status", {"amber-warning-lamp": 1}], ["status", {"red-stop-lamp": 1}]]
    assert told[2][1]["priority"] == "high"
    assert heard("18FECA00#04FF5B000301FFFF")[1][1]["priority"] == "medium"


def test_several_codes_come_by_the_transport_protocol() -> None:
    frames = ["18ECFF00#20120003FFCAFE00", "18EBFF00#0100FF5B0003015C"]
    frames += ["18EBFF00#020004025D000503", "18EBFF00#035E000604FFFFFF"]
    wanted = [f"+SPN {91 + n} FMI {3 + n} SA 0" for n in range(4)]
    assert alarms(*frames) == wanted
    for order in permutations(frames[1:]):
        assert alarms(frames[0], *order) == wanted


@given(st.integers(1, 0x7FFFF), st.integers(0, 31))
def test_a_trouble_code_survives_encoding(spn: int, fmi: int) -> None:
    assert list(troubles(encode_dm1(set(), [Trouble(spn, fmi)]))) == [Trouble(spn, fmi)]


def test_the_vehicle_s_number_ends_at_its_star() -> None:
    frames = encode_broadcast(65260, 0, b"WDB9061331N000001*")
    told = [brief for frame in frames for brief in briefly(SLCAN.receive_data(frame.encode(), NOW))]
    assert told == [["identity", {"vin": "WDB9061331N000001"}]]


SLCAN = SlcanJ1939()


@given(st.integers(0xF000, 0xFFFF), st.integers(0, 253), st.binary(min_size=9, max_size=1785))
def test_a_long_message_survives_the_transport_protocol(pgn: int, source: int, data: bytes) -> None:
    transport = Transport(BadByteCounter())
    whole = [transport.feed(*message_of(frame), NOW) for frame in encode_broadcast(pgn, source, data)]
    assert whole[-1] == Message(pgn, source, data)
    assert set(whole[:-1]) == {None}


def transported(frames: Iterable[CanFrame], step_s: float = 0.05) -> tuple[list[Message], dict[str, int]]:
    bad = BadByteCounter()
    transport = Transport(bad)
    told = [transport.feed(*message_of(frame), later(n * step_s)) for n, frame in enumerate(frames)]
    counts = {name: int(n) for event in bad.told(NOW) for name, n in event.detail.items()}
    return [one for one in told if one], counts


def test_messages_of_several_sources_may_overlap() -> None:
    one, other = (
        encode_broadcast(65260, 1, bytes(range(20))),
        encode_broadcast(65260, 2, bytes(range(30, 50))),
    )
    mixed = [frame for pair in zip(one, other, strict=True) for frame in pair]
    assert [message.source for message in transported(mixed)[0]] == [1, 2]


def test_a_message_to_one_unit_is_heard_too() -> None:
    """juergenH87/python-can-j1939, test_ecu.py: RTS, and packets while the receiver says CTS."""
    frames = [
        CanFrame(0x00EC0201, bytes((16, 20, 0, 3, 1, 176, 254, 0))),
        CanFrame(0x1CEC0102, bytes((17, 1, 1, 255, 255, 176, 254, 0))),
        *(CanFrame(0x00EB0201, bytes((n, 1, 2, 3, 4, 5, 6, 7))) for n in (1, 2, 3)),
    ]
    assert transported(frames) == ([Message(65200, 1, bytes((1, 2, 3, 4, 5, 6, 7) * 3)[:20])], {})


def test_a_message_of_which_a_packet_is_missing_is_lost_and_counted() -> None:
    first = encode_broadcast(65260, 0, bytes(range(20)))
    assert transported([*first[:2], *first[3:], *first]) == (
        [Message(65260, 0, bytes(range(20)))],
        {"framing": 1},
    )


def test_a_message_that_stops_is_not_finished_by_packets_of_another() -> None:
    frames = encode_broadcast(65260, 0, bytes(range(20)))
    assert transported(frames, step_s=1.5) == ([], {"framing": 1})


def test_packets_of_a_message_that_began_before_are_no_fault() -> None:
    assert transported(encode_broadcast(65260, 0, bytes(range(20)))[1:]) == ([], {})


@pytest.mark.parametrize("data", ["20FFFF03FFECFE00", "20080002FFECFE00", "20140002FFECFE00", "201400"])
def test_an_announcement_that_cannot_be_is_counted(data: str) -> None:
    frame = CanFrame(identifier(0xEC00, 0), bytes.fromhex(data))
    assert transported([frame]) == ([], {"length": 1})


def test_a_message_that_is_given_up_is_lost() -> None:
    frames = encode_broadcast(65260, 0, bytes(range(20)))
    abort = CanFrame(identifier(0xEC00, 0), bytes((255, 1, 255, 255, 255, 0xEC, 0xFE, 0)))
    assert transported([*frames[:2], abort, *frames[2:]]) == ([], {"framing": 1})


@given(FRAMES, st.none() | st.integers(0, 59_999))
def test_every_frame_survives_encoding_with_or_without_a_time(frame: CanFrame, time_ms: int | None) -> None:
    assert read(frame.encode(time_ms)) == ([frame], {})
    assert read(frame.encode(time_ms).lower().replace(b"t", b"T", 1)) == ([frame], {})


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        (b"T12ABCDEF2AA55\r", CanFrame(0x12ABCDEF, b"\xaa\x55")),
        (b"x12ABCDEF2AA55\r", CanFrame(0x12ABCDEF, b"\xaa\x55")),
        (b"t4563112233\r", CanFrame(0x456, b"\x11\x22\x33", is_extended=False)),
        (b"T12ABCDEF2AA5512345678\r", CanFrame(0x12ABCDEF, b"\xaa\x55")),
        (b"\nT12ABCDEF0\r\n", CanFrame(0x12ABCDEF, b"")),
    ],
)
def test_lines_of_python_can_s_tests_are_read(text: bytes, frame: CanFrame) -> None:
    assert read(text) == ([frame], {})


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_log_may_end_its_lines_otherwise(end: bytes) -> None:
    frame = CanFrame(0x18FEF100, bytes(8))
    assert read(2 * (frame.encode().rstrip() + end)) == ([frame, frame], {})


@pytest.mark.parametrize(
    "text", [b"r1238\r", b"R12ABCDEF6\r", b"d123A3031\r", b"z\r", b"Z\r", b"F00\r", b"\r"]
)
def test_lines_without_data_for_us_are_passed_over(text: bytes) -> None:
    assert read(text) == ([], {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"T12ABCDEF2AA5\r", "length"),
        (b"T12ABCDEF9AA55\r", "framing"),
        (b"T32ABCDEF2AA55\r", "range"),
        (b"tFFF0\r", "range"),
        (b"t\xff\xff\r", "framing"),
        (b"T" + b"0" * LONGEST + b"\r", "length"),
    ],
)
def test_damaged_lines_are_counted(text: bytes, reason: str) -> None:
    assert read(text) == ([], {reason: 1})


def commands(codec: SlcanJ1939, seconds: int, answer: bytes = b"\r") -> list[bytes]:
    """What the codec sends within `seconds`, each command answered."""
    sent: list[bytes] = []
    for n in range(seconds * 20):
        if one := codec.data_to_send():
            sent.append(one)
            codec.receive_data(answer, later(n / 20))
        if (due := codec.next_timer()) is not None and due <= later(n / 20):
            codec.handle_timer(later(n / 20))
    return sent


def test_the_adapter_is_opened_to_listen_and_nothing_is_ever_sent_to_the_bus() -> None:
    sent = commands(SlcanJ1939(), 60)
    assert sent[: len(SET_UP)] == [f"{one}\r".encode() for one in SET_UP]
    assert sent[len(SET_UP) - 1] == b"L\r"
    assert {one[:1] for one in sent} == {b"\r", b"C", b"V", b"N", b"S", b"L"}
    assert len(sent) > 3 * len(SET_UP)


def test_an_adapter_without_a_listen_only_mode_is_opened_normally_and_a_refusal_is_told() -> None:
    codec = SlcanJ1939()
    sent = commands(codec, 2, b"\x07")
    assert sent[-2:] == [b"L\r", b"O\r"]
    assert briefly(codec.receive_data(b"\x07", later(3))) == []


def test_a_bus_that_is_silent_is_told_until_it_speaks() -> None:
    codec = SlcanJ1939()
    said = [one for n in range(200) for one in codec.handle_timer(later(n / 10))]
    assert briefly(said) == [["status", {"vehicle-not-connected": 1}]]
    assert heard("18FF4500#6D00FA00FF00006A", codec=codec, at=30) == [
        ["status", {"vehicle-not-connected": 0}]
    ]


def test_the_adapter_s_own_words_are_its_identity() -> None:
    codec = SlcanJ1939()
    assert briefly(codec.receive_data(b"V1013\rNA123\rV1013\r", NOW)) == [
        ["identity", {"adapter": "1013"}],
        ["identity", {"adapter-serial": "A123"}],
    ]


@given(st.lists(FRAMES, min_size=1, max_size=5), st.data())
def test_a_stream_says_the_same_however_it_is_cut(frames: list[CanFrame], data: st.DataObject) -> None:
    stream = b"xx\r" + b"".join(frame.encode() for frame in frames) + line("0CF00400#207D87481400F087")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    codec = LineReader(BadByteCounter())
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [one for piece in pieces for one in codec.feed(piece)] == read(stream)[0]
    assert len(read(stream)[0]) == len(frames) + 2


@given(st.integers(0, 26), st.integers(0, 7))
def test_a_flipped_bit_costs_at_most_two_lines(at: int, bit: int) -> None:
    good = line("18FEF700#FFFFFFFF1801FFFF")
    damaged = bytearray(line("0CF00400#207D87481400F087"))
    damaged[at % len(damaged)] ^= 1 << bit
    codec = SlcanJ1939()
    said = codec.receive_data(bytes(damaged) + good + line("18FEFC00#FF7DFFFFFFFFFFFF"), NOW)
    assert ["fuel_level", "50"] in briefly(said)


@given(st.binary(max_size=300) | st.text("Tt018FE\r", max_size=200).map(str.encode))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    codec = SlcanJ1939()
    codec.receive_data(data + b"\r", NOW)
    said: list[Said] = codec.receive_data(line("0CF00400#207D87481400F087"), later(2))
    assert "engine_speed" in [one.metric for one in said if isinstance(one, Reading)]


def test_a_flood_without_an_end_is_not_kept() -> None:
    codec = SlcanJ1939()
    for _ in range(1000):
        codec.receive_data(b"0" * 100, NOW)
    assert briefly(codec.receive_data(b"\r", later(2))) == [["bad-bytes", {"length": 1}]]


def test_the_identifier_of_a_message_is_made_and_read_alike() -> None:
    assert identifier(DM1, 0) == 0x18FECA00
    assert identifier(0xEC00, 1, 7) == 0x1CECFF01
    assert message_of(CanFrame(0x18EF000B, b"")) == (Message(0xEF00, 11, b""), 0)
    assert message_of(CanFrame(0x19FF45FE, b"")) == (Message(0x1FF45, 254, b""), 255)
