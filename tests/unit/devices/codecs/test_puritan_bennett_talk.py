"""Puritan Bennett's port for reports: what is asked when answers are late, damaged, doubled, or another's."""

from collections.abc import Iterable

import pytest

from devices.codecs import Said
from devices.codecs.puritan_bennett.codec import PuritanBennett
from devices.codecs.puritan_bennett.report import SNDA, SNDF, Report
from devices.model.observation import DeviceEvent, EventKind, Instant, Quality, Reading, later

START = Instant(100_000_000_000)
FULL = Report("MISCF", {6: "840 1", 70: "16.0", 94: "14.0"}).encode()
SHORT = Report("MISCA", {6: "840 1", 34: "16"}).encode()


class Talk:
    """A codec and the time."""

    def __init__(self) -> None:
        self.codec = PuritanBennett()
        self.now = START
        assert self.codec.data_to_send() == SNDF
        self.codec.handle_timer(self.now)

    def asked(self) -> bytes:
        """What is asked when the next timer rings; it is moved to."""
        while not (outgoing := self.codec.data_to_send()):
            timer = self.codec.next_timer()
            assert timer is not None
            self.now = max(self.now, timer)
            self.said = self.codec.handle_timer(self.now)
        return outgoing

    def answer(self, data: bytes, after_s: float = 1.0) -> list[Said]:
        self.now = later(self.now, after_s)
        return self.codec.receive_data(data, self.now)


def plateaus(said: Iterable[Said]) -> list[tuple[str, Quality]]:
    return [
        (str(one.value), one.quality)
        for one in said
        if isinstance(one, Reading) and one.metric == "vent_pplat"
    ]


def refusals(said: Iterable[Said]) -> list[object]:
    return [
        one.detail["command"]
        for one in said
        if isinstance(one, DeviceEvent) and one.kind == EventKind.REFUSED
    ]


def report(plateau: str, identity: str = "840 1") -> bytes:
    return Report("MISCF", {6: identity, 94: plateau}).encode()


def test_a_full_report_that_was_lost_once_is_asked_for_again_and_not_replaced_by_the_short_one() -> None:
    talk = Talk()
    talk.answer(FULL)
    assert talk.asked() == SNDF
    talk.answer(FULL.replace(b"16.0  ", b"16.0"))
    assert talk.asked() == SNDF
    assert refusals(talk.said) == ["SNDF"]


def test_where_the_first_full_report_was_damaged_it_is_asked_for_again_after_some_short_ones() -> None:
    talk = Talk()
    talk.answer(b"garbage\r")
    requests = [talk.asked()]
    while requests[-1] == SNDA:
        talk.answer(SHORT)
        requests.append(talk.asked())
    assert requests == [SNDA] * PuritanBennett.FULL_AGAIN + [SNDF]
    talk.answer(FULL)
    assert talk.asked() == SNDF


def test_the_oldest_software_is_asked_for_the_full_report_once_in_a_while_only() -> None:
    talk = Talk()
    count = {SNDA: 0, SNDF: 0}
    for _ in range(100):
        request = talk.asked()
        count[request] += 1
        if request == SNDA:
            talk.answer(SHORT)
    assert count[SNDF] <= 5


def test_a_full_report_that_comes_late_is_read_and_then_asked_for() -> None:
    talk = Talk()
    assert talk.asked() == SNDA
    assert "vent_rr_total" in {one.metric for one in talk.answer(FULL) if isinstance(one, Reading)}
    assert talk.asked() == SNDF


def test_a_report_that_comes_twice_is_two_reports_and_one_request_follows() -> None:
    talk = Talk()
    said = talk.answer(FULL + FULL)
    assert [str(one.value) for one in said if isinstance(one, Reading) and one.metric == "vent_rr_total"] == [
        "16.0",
        "16.0",
    ]
    at = talk.now
    assert talk.asked() == SNDF
    assert talk.now == later(at, PuritanBennett.PERIOD_S)


def test_a_ventilator_is_asked_for_ever_if_it_never_answers() -> None:
    talk = Talk()
    assert [talk.asked() for _ in range(6)] == [SNDA, SNDF] * 3
    assert talk.now == later(START, 6 * PuritanBennett.PATIENCE_S)


def test_a_manoeuvre_made_between_two_reports_is_new() -> None:
    talk = Talk()
    assert plateaus(talk.answer(report("14.0"))) == [("14.0", Quality.STORED)]
    assert plateaus(talk.answer(report("16.5"), 3)) == [("16.5", Quality.GOOD)]
    assert plateaus(talk.answer(report("16.5"), 3)) == []


def test_a_manoeuvre_made_while_no_report_came_is_of_an_unknown_time() -> None:
    talk = Talk()
    talk.answer(report("14.0"))
    assert plateaus(talk.answer(report("16.5"), PuritanBennett.LAPSE_S)) == [("16.5", Quality.STORED)]
    assert plateaus(talk.answer(report("17.0"), 3)) == [("17.0", Quality.GOOD)]


def test_the_old_result_of_another_ventilator_on_the_same_port_is_not_new() -> None:
    talk = Talk()
    talk.answer(report("14.0"))
    said = talk.answer(report("22.0", "840 2"), 3)
    assert plateaus(said) == [("22.0", Quality.STORED)]
    assert [
        one.detail["serial"]
        for one in said
        if isinstance(one, DeviceEvent) and one.kind == EventKind.IDENTITY
    ] == ["2"]


@pytest.mark.parametrize("states", [("HIGH", "NORMAL"), ("HIGH", "")])
def test_the_alarm_of_a_ventilator_that_was_taken_away_ends(states: tuple[str, str]) -> None:
    talk = Talk()
    told: list[object] = []
    for identity, state in zip(("840 1", "840 2"), states, strict=True):
        said = talk.answer(Report("MISCF", {6: identity, 110: state}).encode(), 40)
        told += [
            one.detail["active"]
            for one in said
            if isinstance(one, DeviceEvent) and one.kind == EventKind.DEVICE_ALARM
        ]
    assert told == [1, 0]
