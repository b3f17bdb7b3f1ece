"""OBD-II by an ELM327: every form of its replies, and only what a vehicle said becomes a number."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.elm327 import services
from devices.codecs.elm327.codec import Elm327
from devices.codecs.elm327.dialogue import SEARCH, SET_UP
from devices.codecs.elm327.lines import Message, encode, messages
from devices.codecs.health import BadByteCounter
from devices.model.observation import EventKind, Instant, Reading
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)


def heard(*replies: str, codec: Elm327 | None = None) -> list[Any]:
    codec = codec or Elm327()
    return briefly(one for reply in replies for one in codec.receive_data(f"{reply}\r\r>".encode(), NOW))


def read(*lines: str) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """The messages in lines, and what was counted."""
    bad = BadByteCounter()
    found = messages([line.replace(" ", "") for line in lines], bad)
    counts = {name: int(n) for event in bad.told(NOW) for name, n in event.detail.items()}
    return [(one.unit, one.data.hex(" ")) for one in found], counts


@pytest.mark.parametrize(
    "reply",
    [
        "7E8 04 41 0C 1A F8",
        "7E804410C1AF8",
        "7e8 04 41 0c 1a f8 00 00 00",
        "18 DA F1 10 04 41 0C 1A F8",
        "48 6B 10 41 0C 1A F8 22",
        "48 6B 10 41 0C 1A F8 B2",
        "41 6B 10 41 0C 1A F8 3D",
        "84 F1 10 41 0C 1A F8 E4",
        "80 F1 10 04 41 0C 1A F8 E4",
        "41 0C 1A F8 ",
        "410C1AF8",
        "010C\r41 0C 1A F8",
        "010C\r\n41 0C 1A F8",
        "SEARCHING...\r41 0C 1A F8",
        "SEARCHING...41 0C 1A F8",
        "BUS INIT: OK\r41 0C 1A F8",
        "BUS INIT: ...OK\r41 0C 1A F8",
        "\x0041 0C\x00 1A F8",
    ],
)
def test_a_value_is_read_in_every_form_an_adapter_gives_it(reply: str) -> None:
    assert heard(reply) == [["engine_speed", "1726"]]


@pytest.mark.parametrize(
    ("data", "metric", "value"),
    [
        ("41 0C 0B 30", "engine_speed", "716"),
        ("41 0D 55", "vehicle_speed", "85"),
        ("41 05 7B", "coolant_temp", "83"),
        ("41 05 00", "coolant_temp", "-40"),
        ("41 1F 00 2A", "engine_run_time", "42"),
        ("41 2F FF", "fuel_level", "100.00"),
        ("41 2F 80", "fuel_level", "50.20"),
        ("41 42 39 4B", "vehicle_voltage", "14.667"),
        ("41 46 43", "outside_temp", "27"),
        ("41 5C 6E", "engine_oil_temp", "70"),
        ("41 A6 00 00 EA 5C", "odometer", "5999.6"),
    ],
)
def test_values_are_in_the_units_of_their_metrics(data: str, metric: str, value: str) -> None:
    assert heard(data) == [[metric, value]]


@given(st.sampled_from(sorted(services.PIDS)), st.data())
def test_every_value_survives_encoding(pid: int, data: st.DataObject) -> None:
    one = services.PIDS[pid]
    raw = data.draw(st.integers(0, 256**one.size - 1))
    assert one.encode(one.meaning(raw)) == raw.to_bytes(one.size, "big")


def test_of_several_control_units_the_one_with_the_lowest_address_counts() -> None:
    assert heard("7E9 04 41 0C 0B 68\r7E8 04 41 0C 0B 64") == [["engine_speed", "729"]]
    assert heard("7E9 04 41 0C 0B 6C") == [["engine_speed", "731"]]


@given(st.binary(min_size=1, max_size=300))
def test_every_message_survives_encoding(data: bytes) -> None:
    assert messages(encode("7E8", data), BadByteCounter()) == [Message("7E8", data)]


@given(st.permutations(encode("7E8", bytes(range(0x49, 0x49 + 100)))))
def test_frames_in_any_order_are_put_together(lines: list[str]) -> None:
    assert messages(lines, BadByteCounter()) == [Message("7E8", bytes(range(0x49, 0x49 + 100)))]


@pytest.mark.parametrize("lost", range(5))
def test_a_message_of_which_a_frame_is_missing_is_lost(lost: int) -> None:
    lines = encode("7E8", bytes(range(0x49, 0x49 + 32)))
    found, counts = read(*lines[:lost], *lines[lost + 1 :])
    assert (found, counts) == ([], {"framing": 1})


@pytest.mark.parametrize("reply", ["7E8 04 41 0C F8 AA AA AA", "7E8 04 41 0C 1A", "7E8 03 41 0D 32 AA AA"])
def test_a_frame_that_lost_bytes_is_no_value(reply: str) -> None:
    assert heard(reply) == [["bad-bytes", {"framing": 1}]]


@pytest.mark.parametrize(
    "reply",
    [
        "7E8 10 0A 43 04 01 43 01\r7E8 21 02 34 02 35 00 00 00",
        "7E8 10 10 43 07 01 43 01 96\r7E8 21 02 34 02 35 01\r7E8 22 02 03 04 05 06 07 08",
        "7E8 10 0F 43 07 01 43 01 96\r7E8 21 02 34 02 35 01 02 03\r7E8 22 04 05 00",
        "7E8 10 05 43 02 01 43 01 96",
    ],
)
def test_frames_of_a_clone_that_lost_bytes_are_not_pushed_together(reply: str) -> None:
    assert heard(reply) == [["bad-bytes", {"length": 1}]]


def test_a_long_message_may_be_filled_up_or_not() -> None:
    lines = "7E8 10 0A 43 04 01 43 01 96", "7E8 21 02 34 02 35"
    whole = "43 04 01 43 01 96 02 34 02 35"
    for last in (lines[1], lines[1] + " 00 00 00"):
        assert read(lines[0], last) == ([("7E8", whole)], {})


def test_the_frames_of_two_units_are_told_apart() -> None:
    one, other = encode("7E8", bytes(range(0x49, 0x5D))), encode("7EA", bytes(range(0x59, 0x6D)))
    mixed = [line for pair in zip(one, other, strict=True) for line in pair]
    assert [message.unit for message in messages(mixed, BadByteCounter())] == ["7E8", "7EA"]


@pytest.mark.parametrize(
    "line",
    [
        "48 6B 10 41 00 B8 7B 30 10 F4",
        "41 6B 17 41 00 80 00 80 03 C9",
        "48 6B 10 41 00 BE 3E B8 11 FA",
        "41 6B 10 41 00 BF 9F B9 90 05",
        "86 F1 12 41 00 98 3B 20 13 D0",
        "48 6B 10 41 00 B8 7B 30 10 77",
        "48 6B 17 41 00 80 00 80 03 0E",
        "83 F1 17 7F 01 12 1D",
        "86 F1 10 41 00 FF FF FF FE C3",
        "83 F1 10 41 0D 53 25",
    ],
)
def test_the_checksums_of_real_messages_of_the_older_buses_are_right(line: str) -> None:
    """LTSupportAutomotive (Mazda), ELM327 data sheet p. 44, wican-fw issue 424 (Sprinter), commaai/panda."""
    found, counts = read(line)
    assert counts == {}
    assert found[0][1] == line.lower()[9:-3]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("41 0C 000", "framing"),
        ("7E8 08 41 0C 1A F8", "framing"),
        ("7E8 00 41", "framing"),
        ("7E8 30 00 00", "framing"),
        ("48 6B 10 41 0C 1A F8 23", "checksum"),
        ("84 F1 10 41 0C 1A F8 E5", "checksum"),
        ("0C 1A F8 00", "framing"),
        ("HELLO", "framing"),
        ("0: 49 02 01 31 44 34", "framing"),
    ],
)
def test_lines_that_are_no_answers_are_counted(line: str, reason: str) -> None:
    assert read(line) == ([], {reason: 1})


@pytest.mark.parametrize("reply", ["41 0C 1A", "41 0C 1A F8 00", "41 0D", "41 A6 00 00"])
def test_a_value_of_the_wrong_length_is_no_value(reply: str) -> None:
    assert heard(reply) == [["bad-bytes", {"length": 1}]]


@pytest.mark.parametrize("reply", ["7E8 04 41 0C 1A F8 <RX ERROR", "48 6B 10 41 0C 1A F8 22 <DATA ERROR"])
def test_what_the_adapter_marks_as_damaged_is_no_value(reply: str) -> None:
    assert heard(reply) == [["bad-bytes", {"checksum": 1}]]


def test_answers_lost_by_the_adapter_are_counted() -> None:
    assert heard("BUFFER FULL") == [["bad-bytes", {"length": 1}]]


VIN = "1D4GP00R55B123456"


@pytest.mark.parametrize(
    "reply",
    [
        "014 \r0: 49 02 01 31 44 34 \r1: 47 50 30 30 52 35 35 \r2: 42 31 32 33 34 35 36",
        "014\r0:490201314434\r1:47503030523535\r2:42313233343536",
        "7E8 10 14 49 02 01 31 44 34\r7E8 21 47 50 30 30 52 35 35\r7E8 22 42 31 32 33 34 35 36",
        "49 02 01 00 00 00 31\r49 02 02 44 34 47 50\r49 02 03 30 30 52 35\r"
        "49 02 04 35 42 31 32\r49 02 05 33 34 35 36",
    ],
)
def test_the_vehicle_s_number_is_told_once(reply: str) -> None:
    assert heard(reply, reply) == [["identity", {"vin": VIN}]]


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        (
            "48 6B 10 49 02 01 00 00 00 57 66\r48 6B 10 49 02 02 44 58 2D 53 2C\r"
            "48 6B 10 49 02 03 49 4D 30 30 07\r"
            "48 6B 10 49 02 04 31 39 32 31 DF\r48 6B 10 49 02 05 32 33 34 35 E1",
            "WDX-SIM0019212345",
        ),
        (
            "87 F1 10 49 02 01 00 00 00 31 05 \r87 F1 10 49 02 03 30 30 52 35 BD \r"
            "87 F1 10 49 02 02 44 34 47 50 E4 \r"
            "87 F1 10 49 02 04 35 42 31 32 B1 \r87 F1 10 49 02 05 33 34 35 36 AA ",
            VIN,
        ),
        (
            "7E8 10 14 49 02 01 4C 46 56\r7E8 21 33 42 32 38 52 38 41\r7E8 22 33 30 32 35 33 31 30",
            "LFV3B28R8A3025310",
        ),
    ],
)
def test_the_number_is_read_on_every_bus(reply: str, number: str) -> None:
    """LTSupportAutomotive (ISO 9141-2), commaai/panda (KWP2000), a Stack Overflow question (CAN)."""
    assert heard(reply) == [["identity", {"vin": number}]]


def test_a_log_of_both_directions_without_prompts_keeps_the_last_value_last() -> None:
    said = heard("010D\r41 0D 10\r\r010D\r41 0D 22\r\r010C\rNO DATA")
    assert said == [["vehicle_speed", "16"], ["vehicle_speed", "34"], ["engine_speed", "NOT_AVAILABLE"]]


def test_a_vehicle_s_number_that_is_none_is_not_told() -> None:
    assert heard("7E8 10 14 49 02 01 31 44 34\r7E8 21 47 50 30 30 52 35 35\r7E8 22 42 31 32 33 34 35 00") == [
        ["bad-bytes", {"range": 1}]
    ]


def codes(*replies: str) -> list[str]:
    told = [detail for kind, detail in heard(*replies) if kind == "device-alarm"]
    return [f"{'+' if one['active'] else '-'}{one['code']}" for one in told]


@pytest.mark.parametrize(
    ("reply", "wanted"),
    [
        ("43 01 33 00 00 00 00", ["+P0133"]),
        ("43 02 01 02 01 13", ["+P0102", "+P0113"]),
        ("43 00", []),
        ("43 01 02 11 20 12 20 \r43 15 14 15 15 00 00", ["+P0102", "+P1120", "+P1220", "+P1514", "+P1515"]),
        ("00A\r0:430401020113\r1:01230222000000", ["+P0102", "+P0113", "+P0123", "+P0222"]),
        ("7E8 04 43 01 41 23\r7E9 04 43 01 80 03", ["+C0123", "+B0003"]),
        ("7E8 04 43 01 C1 58", ["+U0158"]),
    ],
)
def test_trouble_codes_are_alarms_of_the_vehicle(reply: str, wanted: list[str]) -> None:
    assert codes(reply) == wanted


def test_a_trouble_code_that_is_gone_ends() -> None:
    assert codes("43 02 01 02 01 13", "43 01 01 13", "NO DATA", "43 00") == [
        "+P0102",
        "+P0113",
        "-P0102",
        "-P0113",
    ]


@given(st.lists(st.from_regex(r"[PCBU][0-3][0-9A-F]{3}", fullmatch=True).filter(lambda c: c != "P0000")))
def test_trouble_codes_survive_encoding(wanted: list[str]) -> None:
    assert services.trouble_codes(services.encode_trouble_codes(wanted[:100])) == wanted[:100]


def test_a_damaged_list_of_trouble_codes_ends_none() -> None:
    assert codes("43 01 01 02", "43 02 01 02", "43") == ["+P0102"]


def test_the_malfunction_indicator_is_a_condition() -> None:
    assert heard("41 01 81 07 E5 00", "41 01 00 07 E5 00") == [
        ["status", {"malfunction-indicator": 1}],
        ["status", {"malfunction-indicator": 0}],
    ]


@pytest.mark.parametrize(
    ("reply", "condition"),
    [
        ("SEARCHING...\rUNABLE TO CONNECT", "vehicle-not-connected"),
        ("SEARCHING...UNABLE TO CONNECT", "vehicle-not-connected"),
        ("BUS INIT: ...ERROR", "vehicle-not-connected"),
        ("BUS INIT: ERROR", "vehicle-not-connected"),
        ("CAN ERROR", "vehicle-bus-error"),
        ("BUS ERROR", "vehicle-bus-error"),
        ("BUS BUSY", "vehicle-bus-error"),
        ("FB ERROR", "vehicle-bus-error"),
        ("ERR94", "vehicle-bus-error"),
    ],
)
def test_a_vehicle_that_cannot_be_reached_is_a_condition_until_it_answers(reply: str, condition: str) -> None:
    assert heard(reply, "41 0D 10") == [
        ["status", {condition: 1}],
        ["status", {condition: 0}],
        ["vehicle_speed", "16"],
    ]


def test_no_data_is_no_value_of_what_was_asked() -> None:
    assert heard("010C\rNO DATA", "010D2\rNO DATA", "03\rNO DATA") == [
        ["engine_speed", "NOT_AVAILABLE"],
        ["vehicle_speed", "NOT_AVAILABLE"],
    ]


def test_a_refusal_is_told_once_and_not_where_another_unit_answers() -> None:
    assert heard("010C\r7F 01 12", "010C\r7F 01 12") == [["refused", {"command": "010C", "answer": "12"}]]
    assert heard("010C\r7E8 04 41 0C 0B 64\r7E9 03 7F 01 12") == [["engine_speed", "729"]]
    assert heard("7E8 03 7F 09 78\r7E8 03 7F 09 78") == []


@pytest.mark.parametrize("reply", ["14.1V", "14. 1 V", "14.1v"])
def test_the_voltage_is_read_with_blanks_and_without(reply: str) -> None:
    assert heard(reply) == [["vehicle_voltage", "14.1"]]


def test_the_voltage_at_the_connector_is_read() -> None:
    assert heard("ATRV\r12.4V") == [["vehicle_voltage", "12.4"]]


class Adapter:
    """Answers the codec's questions by a table; what is not in it gets OK."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.codec, self.answers, self.asked = Elm327(), answers, list[str]()
        self.said: list[Said] = []
        self.now = NOW

    def run(self, seconds: int) -> None:
        for _ in range(seconds * 10):
            self.now = Instant(self.now + SECOND // 10)
            due = self.codec.next_timer()
            if due is not None and due <= self.now:
                self.said += self.codec.handle_timer(self.now)
            while (sent := self.codec.data_to_send().decode()) and self.answers:
                self.asked.append(sent.strip())
                reply = self.answers.get(sent.strip(), "OK")
                self.said += self.codec.receive_data(f"{reply}\r\r>".encode(), self.now)

    def metrics(self) -> set[str]:
        return {one.metric for one in self.said if isinstance(one, Reading)}


def car(**more: str) -> Adapter:
    answers = {"ATZ": "ELM327 v1.5", "0100": "41 00 18 18 00 01", "0120": "41 20 00 02 00 00"}
    return Adapter({**answers, "010C": "41 0C 0B 30", "010D": "41 0D 10", "0105": "41 05 7B", **more})


def test_the_adapter_is_set_up_and_then_the_vehicle_is_looked_for() -> None:
    adapter = car()
    assert adapter.codec.data_to_send() == b"ATZ\r"
    adapter = car()
    adapter.run(2)
    assert adapter.asked[: len(SET_UP) + 3] == [*SET_UP, SEARCH, "0120", "ATDPN"]


def test_only_values_that_the_vehicle_has_are_asked_for() -> None:
    adapter = car()
    adapter.run(30)
    asked = {one for one in adapter.asked if one.startswith("01")}
    assert asked == {"0100", "0120", "0105", "010C", "010D", "012F"}
    assert adapter.asked.count("010C") in range(25, 31)


def test_nothing_that_changes_the_vehicle_is_ever_asked() -> None:
    adapter = car(**{f"01{n:02X}": f"41 {n:02X} FF FF FF FF" for n in range(0, 0xE0, 0x20)})
    adapter.run(130)
    services_asked = {one[:2] for one in adapter.asked}
    assert services_asked == {"AT", "01", "03", "09"}
    assert adapter.asked.count("03") == 3


def test_an_adapter_that_does_not_answer_is_told_and_set_up_again() -> None:
    adapter = Adapter({})
    adapter.run(25)
    refusals = [brief for brief in briefly(adapter.said) if brief[0] == "refused"]
    assert refusals == [["refused", {"command": "ATZ", "answer": "none"}]]
    due = adapter.codec.next_timer()
    assert due is not None
    adapter.codec.handle_timer(due)
    assert adapter.codec.data_to_send() == b"ATZ\r"


def test_an_adapter_that_began_anew_is_set_up_again() -> None:
    adapter = car()
    adapter.run(5)
    adapter.asked.clear()
    adapter.codec.receive_data(b"LV RESET\r\r>", adapter.now)
    adapter.run(2)
    assert adapter.asked[: len(SET_UP) + 1] == [*SET_UP, SEARCH]


def test_a_vehicle_that_was_switched_off_is_looked_for_again() -> None:
    adapter = car()
    adapter.run(3)
    adapter.answers |= {"010C": "CAN ERROR", "010D": "CAN ERROR", "0100": "UNABLE TO CONNECT"}
    adapter.run(5)
    assert adapter.asked[-1] == SEARCH
    adapter.answers |= {"010C": "41 0C 0B 30", "0100": "41 00 18 18 00 01"}
    adapter.run(5)
    assert briefly(adapter.said)[-1] != ["engine_speed", "NOT_AVAILABLE"]


def test_a_long_search_is_waited_for() -> None:
    adapter = car()
    del adapter.answers["0100"]
    codec = Elm327()
    for _ in range(len(SET_UP)):
        codec.data_to_send()
        codec.receive_data(b"OK\r\r>", NOW)
    codec.handle_timer(Instant(NOW + 2 * SECOND))
    assert codec.data_to_send() == b"0100\r"
    codec.receive_data(b"SEARCHING...", Instant(NOW + 3 * SECOND))
    assert codec.handle_timer(Instant(NOW + 20 * SECOND)) == []
    assert codec.data_to_send() == b""


@given(st.data())
def test_a_dialogue_says_the_same_however_it_is_cut(data: st.DataObject) -> None:
    stream = b"ATZ\r\r\rELM327 v1.5\r\r>010C\r41 0C 0B 30 \r\r>00A\r0:430401020113\r1:01230222000000\r\r>"
    stream += b"41 0D 10\r>"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    codec, whole, single = Elm327(), Elm327(), Elm327()
    said = briefly(one for piece in pieces for one in codec.receive_data(piece, NOW))
    assert said == briefly(whole.receive_data(stream, NOW))
    assert said == briefly(one for n in stream for one in single.receive_data(bytes((n,)), NOW))
    assert len(said) == 7


@given(st.binary(max_size=300) | st.text("0123456789ABCDEF :>\r", max_size=300).map(str.encode))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    codec = Elm327()
    said = codec.receive_data(data, NOW) + codec.receive_data(b"\r>", NOW)
    numbers = [one for one in said if isinstance(one, Reading) and one.value is not None]
    assert not numbers or b"4" in data or b"." in data


def test_a_flood_without_a_prompt_is_not_kept_and_costs_only_its_reply() -> None:
    codec = Elm327()
    for _ in range(1000):
        codec.receive_data(b"\xfe" * 100, NOW)
    codec.receive_data(b"\r>", NOW)
    assert heard("41 0D 10", codec=codec) == [["vehicle_speed", "16"]]


@given(st.integers(0, 12), st.integers(0, 6))
def test_a_flipped_bit_in_a_frame_of_can_never_costs_the_next_reply(at: int, bit: int) -> None:
    damaged = bytearray(b"7E803410D10\r\r>")
    damaged[at] ^= 1 << bit
    codec = Elm327()
    codec.receive_data(bytes(damaged) + b"\r>", NOW)
    assert ["coolant_temp", "83"] in heard("7E80341057B", codec=codec)


def test_numbers_are_decimals() -> None:
    said = Elm327().receive_data(b"41 42 39 4B\r>", NOW)
    assert [one.value for one in said if isinstance(one, Reading)] == [Decimal("14.667")]


def kinds(said: Iterable[Said]) -> set[EventKind]:
    return {one.kind for one in said if not isinstance(one, Reading) and hasattr(one, "kind")}  # type: ignore[union-attr]


def test_an_adapter_s_chatter_says_nothing() -> None:
    codec = Elm327()
    assert kinds(codec.receive_data(b"OK\r\r>STOPPED\r\r>ACT ALERT\r\r>!LP ALERT\r\r>\r\r>", NOW)) == set()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("41 0C 1A F8 0D 3C", [["engine_speed", "1726"], ["vehicle_speed", "60"]]),
        ("7E8 07 41 0C 1A F8 0D 3C 00", []),
        (
            "00A\r0: 41 0C 1A F8 0D 3C\r1: 05 7B 2F 80 00 00 00",
            [
                ["engine_speed", "1726"],
                ["vehicle_speed", "60"],
                ["coolant_temp", "83"],
                ["fuel_level", "50.20"],
            ],
        ),
    ],
)
def test_an_answer_to_a_question_for_several_values_gives_all_of_them_or_none(
    reply: str, said: list[list[str]]
) -> None:
    assert [one for one in heard(reply) if one[0] != "bad-bytes"] == said
