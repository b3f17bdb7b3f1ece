"""MEDIBUS over time: no curve without its name, requests that go on, months of every language it uses."""

from collections.abc import Iterable

import pytest

from devices.codecs import Said
from devices.codecs.medibus.codec import Medibus
from devices.codecs.medibus.frames import Code, command, response
from devices.codecs.medibus.realtime import encode_record
from devices.codecs.medibus.records import Stream, decode_time, encode_streams
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform, later

START = Instant(100_000_000_000)
PAW, FLOW = Stream(0x00, 20_000, -20, 100, 0xFFF), Stream(0x01, 20_000, -180, 180, 0xFFF)
BURST = encode_record([100, 2000]) * 25
VALUES = response(Code.DATA_1, b"D6  14F0  40")


def waves(said: Iterable[Said]) -> list[str]:
    return [one.metric for one in said if isinstance(one, Waveform)]


def metrics(said: Iterable[Said]) -> list[str]:
    return [one.metric for one in said if isinstance(one, Reading)]


class Talk:
    """A codec and the time. The device answers what it is asked with what it has for the request's code."""

    def __init__(self, *streams: Stream) -> None:
        self.codec = Medibus()
        self.now = START
        self.has: dict[int, bytes] = {Code.REALTIME_CONFIGURATION: encode_streams(streams)}
        self.codec.handle_timer(self.now)

    def hear(self, data: bytes) -> list[Said]:
        return self.codec.receive_data(data, self.now)

    def step(self) -> tuple[bytes, list[Said]]:
        """Move to the next timer; what is sent then, and what is told."""
        timer = self.codec.next_timer()
        assert timer is not None
        self.now = max(self.now, timer)
        told = self.codec.handle_timer(self.now)
        return self.codec.data_to_send(), told

    def until(self, code: int) -> None:
        """Let the device answer, until it is asked for `code`."""
        outgoing = self.codec.data_to_send() or self.step()[0]
        while outgoing[:2] != bytes((0x1B, code)):
            self.hear(response(outgoing[1], self.has.get(outgoing[1], b"")))
            outgoing = self.codec.data_to_send() or self.step()[0]

    def curves(self) -> "Talk":
        """Curves are selected, granted and enabled."""
        self.until(Code.CONFIGURE_REALTIME)
        self.hear(response(Code.CONFIGURE_REALTIME))
        self.codec.data_to_send()
        return self


def test_curves_that_another_host_selected_are_not_told() -> None:
    talk = Talk(FLOW, PAW)
    assert waves(talk.hear(BURST)) == []
    talk.until(Code.CONFIGURE_REALTIME)
    assert waves(talk.hear(BURST * 2)) == []
    talk.hear(response(Code.CONFIGURE_REALTIME))
    assert waves(talk.hear(BURST)) == ["paw_wave", "flow_wave"]


@pytest.mark.parametrize("code", [Code.ICC, Code.REALTIME_CHANGED])
def test_after_a_change_curves_have_no_name_until_they_were_selected_again(code: Code) -> None:
    talk = Talk(PAW, FLOW).curves()
    assert waves(talk.hear(encode_record([100, 2000]) * 10)) == []
    assert waves(talk.hear(command(code))) == ["paw_wave", "flow_wave"]
    assert waves(talk.hear(BURST)) == []
    talk.codec.data_to_send()
    assert waves(talk.curves().hear(BURST)) == ["paw_wave", "flow_wave"]


def test_a_range_that_changed_is_that_of_the_samples_after_it() -> None:
    talk = Talk(PAW).curves()
    [before] = [one for one in talk.hear(encode_record([100]) * 25) if isinstance(one, Waveform)]
    talk.hear(command(Code.REALTIME_CHANGED))
    talk.codec.data_to_send()
    talk.has[Code.REALTIME_CONFIGURATION] = encode_streams([Stream(0x00, 20_000, -10, 50, 0xFFF)])
    [after] = [one for one in talk.curves().hear(encode_record([100]) * 25) if isinstance(one, Waveform)]
    assert (float(before.offset), float(after.offset)) == pytest.approx((-20.39, -10.2), abs=0.01)


def test_requests_go_on_while_curves_flow_and_nothing_is_answered() -> None:
    """A device takes the host for lost after 10 s without a command."""
    talk = Talk(PAW, FLOW).curves()
    last, gaps = talk.now, list[int]()
    for _ in range(3000):
        talk.now = later(talk.now, 0.02)
        talk.hear(encode_record([100, 2000]))
        timer = talk.codec.next_timer()
        if timer is not None and timer <= talk.now:
            talk.codec.handle_timer(talk.now)
        if talk.codec.data_to_send():
            gaps.append(talk.now - last)
            last = talk.now
    assert gaps
    assert max(gaps) < 4_000_000_000


def test_requests_go_on_while_the_device_asks() -> None:
    talk = Talk()
    asked: list[int] = []
    for _ in range(40):
        talk.now = later(talk.now, 0.5)
        talk.hear(command(Code.NOP))
        timer = talk.codec.next_timer()
        if timer is not None and timer <= talk.now:
            talk.codec.handle_timer(talk.now)
        outgoing = talk.codec.data_to_send()
        assert response(Code.NOP) in outgoing
        asked += [talk.now] * (b"\x1b" in outgoing)
    assert len(asked) >= 6


def test_a_response_that_comes_late_is_read_when_it_comes() -> None:
    talk = Talk()
    talk.until(Code.DATA_1)
    outgoing, _ = talk.step()
    assert outgoing == command(Code.ALARMS_1)
    said = talk.hear(VALUES)
    assert metrics(said) == ["vent_rr_total", "fio2"]
    assert {one.at for one in said if isinstance(one, Reading)} == {talk.now}


def test_a_response_that_comes_twice_is_read_twice_and_answered_by_no_second_request() -> None:
    talk = Talk()
    talk.until(Code.DATA_1)
    assert metrics(talk.hear(VALUES + VALUES)) == ["vent_rr_total", "fio2"] * 2
    assert talk.codec.data_to_send() == b""
    assert talk.step()[0] == command(Code.ALARMS_1)


def test_empty_responses_are_no_values_and_no_reason_to_stop() -> None:
    """A Fabius and an Atlan without a patient answer so."""
    talk = Talk()
    talk.until(Code.SETTINGS)
    assert talk.hear(response(Code.SETTINGS)) == []
    assert talk.step()[0][:1] == b"\x1b"


@pytest.mark.parametrize("code", [0x24, 0x2A, 0x30, 0x6A, 0x7F])
def test_what_a_device_asks_and_we_do_not_have_is_answered_with_its_code(code: int) -> None:
    talk = Talk()
    talk.codec.data_to_send()
    talk.hear(command(code))
    assert talk.codec.data_to_send() == response(code)


def test_another_device_on_the_same_port_says_who_it_is() -> None:
    talk = Talk()
    said = talk.hear(response(Code.IDENTIFICATION, b"8207'EvitaXL'07.00:04.03"))
    said += talk.hear(response(Code.IDENTIFICATION, b"8303'Primus '04.00:04.03"))
    named = [
        one.detail["model"] for one in said if isinstance(one, DeviceEvent) and one.kind == EventKind.IDENTITY
    ]
    assert named == ["EvitaXL", "Primus"]


@pytest.mark.parametrize("lost", range(len(VALUES)))
def test_a_lost_byte_costs_the_response_and_never_makes_a_number(lost: int) -> None:
    said = Medibus().receive_data(VALUES[:lost] + VALUES[lost + 1 :] + VALUES, START)
    assert [str(one.value) for one in said if isinstance(one, Reading)] in ([], ["14", "40"])


@pytest.mark.parametrize("at", range(1, len(VALUES)))
def test_a_response_may_be_cut_anywhere_by_a_command_and_by_curves(at: int) -> None:
    talk = Talk(PAW, FLOW).curves()
    said = talk.hear(VALUES[:at] + b"\xd3\x81" + command(Code.NOP) + b"\x82\x83\x84" + VALUES[at:])
    assert [str(one.value) for one in said if isinstance(one, Reading)] == ["14", "40"]
    assert talk.codec.data_to_send() == response(Code.NOP)
    assert [one.detail for one in said if isinstance(one, DeviceEvent)] == []


GERMAN = "JAN FEB MRZ APR MAI JUN JUL AUG SEP OKT NOV DEZ"
ENGLISH = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"


@pytest.mark.parametrize("names", [GERMAN, ENGLISH, GERMAN.title(), ENGLISH.lower()])
def test_every_month_is_known_in_german_and_english(names: str) -> None:
    moments = [decode_time(f"09:33:0007-{name}-14".encode()) for name in names.split()]
    assert [moment.month for moment in moments] == list(range(1, 13))
