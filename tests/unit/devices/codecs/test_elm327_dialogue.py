"""The ELM327's questions come one at a time and in rounds; its remarks and services are told apart."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.elm327 import services
from devices.codecs.elm327.adapter import Remark, bare, remark
from devices.codecs.elm327.dialogue import SEARCH, SET_UP, Dialogue
from devices.errors import BadBytes
from devices.model.observation import Instant

SECOND = 1_000_000_000


def at(seconds: float) -> Instant:
    return Instant(round(seconds * SECOND))


def set_up(*plan: str) -> Dialogue:
    """A dialogue whose set-up was answered at once, at 0 s."""
    dialogue = Dialogue(lambda: plan)
    assert dialogue.lapsed(at(0)) is None
    for question in SET_UP:
        assert dialogue.take() == f"{question}\r".encode()
        dialogue.answered(at(0))
    assert dialogue.take() == b""
    return dialogue


def test_the_adapter_is_set_up_first_and_then_the_rounds_begin() -> None:
    dialogue = set_up("010C", "010D")
    assert dialogue.next_timer() == at(1)
    assert dialogue.lapsed(at(1)) is None
    assert dialogue.take() == b"010C\r"
    assert dialogue.take() == b""
    dialogue.answered(at(1.2))
    assert dialogue.take() == b"010D\r"
    dialogue.answered(at(1.4))
    assert dialogue.next_timer() == at(2)


def test_a_round_that_took_too_long_is_followed_at_once_by_the_next() -> None:
    dialogue = set_up("010C")
    dialogue.lapsed(at(1))
    dialogue.answered(at(4))
    assert dialogue.next_timer() == at(4)


def test_no_question_is_asked_while_another_is_open() -> None:
    dialogue = set_up("010C")
    dialogue.lapsed(at(1))
    dialogue.take()
    dialogue.add(["0902"])
    assert dialogue.lapsed(at(5)) is None
    assert dialogue.take() == b""
    dialogue.answered(at(6))
    assert dialogue.take() == b"0902\r"


def test_a_question_that_nobody_answers_is_told_and_the_adapter_set_up_again() -> None:
    dialogue = set_up("010C")
    dialogue.lapsed(at(1))
    assert dialogue.lapsed(at(11)) == "010C"
    assert dialogue.take() == b"ATZ\r"
    assert dialogue.lapsed(at(21)) == "ATZ"
    assert dialogue.take() == b"ATZ\r"


def test_an_adapter_that_still_speaks_is_waited_for() -> None:
    dialogue = set_up("010C")
    dialogue.lapsed(at(1))
    dialogue.heard(at(9))
    assert dialogue.lapsed(at(18)) is None
    assert dialogue.lapsed(at(19)) == "010C"


def test_the_search_for_the_bus_has_more_time() -> None:
    dialogue = set_up(SEARCH)
    dialogue.lapsed(at(1))
    assert dialogue.lapsed(at(20.9)) is None
    assert dialogue.lapsed(at(21)) == SEARCH


def test_a_prompt_that_nobody_waited_for_changes_nothing() -> None:
    dialogue = set_up("010C")
    dialogue.answered(at(0.5))
    assert dialogue.take() == b""
    assert dialogue.next_timer() == at(1)


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("OK", Remark.NOTHING),
        ("STOPPED", Remark.NOTHING),
        ("!ACT ALERT", Remark.NOTHING),
        ("ATZ", Remark.ECHO),
        ("AT RV", Remark.ECHO),
        ("010C", Remark.ECHO),
        ("010D2", Remark.ECHO),
        ("03", Remark.ECHO),
        ("NO DATA", Remark.NO_DATA),
        ("SEARCHING...NO DATA", Remark.NO_DATA),
        ("?", Remark.REFUSED),
        ("ELM327 v1.5", Remark.STARTED),
        ("elm327 v2.3", Remark.STARTED),
        ("OBDII v1.5", Remark.STARTED),
        ("STN2120 v5.8.1", Remark.STARTED),
        ("LV RESET", Remark.STARTED),
        ("UNABLE TO CONNECT", Remark.NOT_CONNECTED),
        ("BUS INIT: ...ERROR", Remark.NOT_CONNECTED),
        ("BUS INIT: ERROR", Remark.NOT_CONNECTED),
        ("CAN ERROR", Remark.BUS_ERROR),
        ("DATA ERROR", Remark.BUS_ERROR),
        ("ERR94", Remark.BUS_ERROR),
        ("7E8 04 41 0C 0B 64 <RX ERROR", Remark.DAMAGED),
        ("BUFFER FULL", Remark.FULL),
        ("12.4V", Remark.VOLTS),
    ],
)
def test_the_adapter_s_remarks_are_known(line: str, meaning: Remark) -> None:
    assert remark(bare(line)) is meaning


@pytest.mark.parametrize(
    "line",
    ["41 0C 1A F8", "7E8 03 41 0D 10", "014", "0: 49 02 01 31 44 34", "7F 01 12", "86F1124100983B2013D0"],
)
def test_what_the_vehicle_says_is_no_remark(line: str) -> None:
    assert remark(bare(line)) is None


@pytest.mark.parametrize("line", ["SEARCHING...", "BUS INIT: OK", "BUS INIT: ...OK", ""])
def test_a_notice_alone_leaves_nothing(line: str) -> None:
    assert bare(line) == ""


@given(st.sets(st.integers(1, 32)))
def test_a_bitmap_of_values_survives_encoding(pids: set[int]) -> None:
    assert services.supported(0, services.encode_supported(0, pids)) == pids


def test_a_bitmap_says_which_of_the_next_values_there_are() -> None:
    """Wikipedia, OBD-II PIDs: BE1FA813."""
    wanted = {1, 3, 4, 5, 6, 7, 0x0C, 0x0D, 0x0E, 0x0F, 0x10, 0x11, 0x13, 0x15, 0x1C, 0x1F, 0x20}
    assert services.supported(0, bytes.fromhex("BE1FA813")) == wanted
    assert services.supported(0x20, bytes.fromhex("80000001")) == {0x21, 0x40}


@pytest.mark.parametrize("data", ["", "BE1FA8", "BE1FA81300"])
def test_a_bitmap_of_another_length_is_none(data: str) -> None:
    with pytest.raises(BadBytes):
        services.supported(0, bytes.fromhex(data))
    with pytest.raises(BadBytes):
        services.indicator(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("data", "codes"),
    [("0104", ["P0104"]), ("020104 8003", ["P0104", "B0003"]), ("00", []), ("0000 0104 0000", ["P0104"])],
)
def test_trouble_codes_are_as_python_obd_reads_them(data: str, codes: list[str]) -> None:
    assert services.trouble_codes(bytes.fromhex(data)) == codes


@pytest.mark.parametrize(
    "parts", [[], [b"\x01" + b"W" * 16], [b"\x01" + b"W" * 18], [b"\x01" + b"\xff" * 17]]
)
def test_a_vehicle_s_number_has_17_characters(parts: list[bytes]) -> None:
    with pytest.raises(BadBytes):
        services.vin(parts)


def test_the_vehicle_s_number_of_python_obd_s_tests_is_read() -> None:
    assert (
        services.vin([bytes.fromhex("01575030" + "5A5A5A39395A54" + "53333932313234")]) == "WP0ZZZ99ZTS392124"
    )


def test_every_value_has_a_metric_of_its_own() -> None:
    metrics = [pid.metric for pid in services.PIDS.values()]
    assert len(set(metrics)) == len(metrics)
    assert services.value(0x2F, b"\x80") == Decimal("50.20")
