"""The node for digital inputs, read by the gateway's own codec: every change once and in order."""

from typing import Any

import cbor2
import pytest

from devices.codecs.node import wire
from devices.codecs.node.inputs import NodeInputs, acknowledgement
from devices.model.observation import Instant
from firmware.hal.reports import AGAIN_MS, FRESH_MS, KEPT, Reports
from tests.support.captures import briefly


class Talk:
    """A node and the gateway's codec, each millisecond."""

    def __init__(self) -> None:
        self.reports, self.codec = Reports(0b10101, 9, 0), NodeInputs()
        self.now = 0
        self.said: list[Any] = []

    def go_on(self, seen: int, ms: int, line: bool = True) -> None:
        for _ in range(ms // 10):
            self.now += 10
            self.reports.update(seen, self.now)
            frame = self.reports.to_send(self.now)
            if frame and line:
                self.said += briefly(self.codec.receive_data(frame, Instant(self.now * 1_000_000)))
                self.codec.journalled(Instant(self.now * 1_000_000))
                self.reports.receive(self.codec.data_to_send())


@pytest.fixture
def talk() -> Talk:
    talk = Talk()
    talk.go_on(0, 100)
    talk.said.clear()
    return talk


def test_a_door_that_opens_and_closes_is_told(talk: Talk) -> None:
    talk.go_on(1, 200)
    talk.go_on(0, 200)
    assert talk.said == [["status", {"door-open": 1}], ["status", {"door-open": 0}]]


def test_what_is_not_wired_is_not_told(talk: Talk) -> None:
    talk.go_on(0b1010, 500)
    assert talk.said == []


def test_what_happens_while_the_line_is_broken_is_told_in_order_afterwards(talk: Talk) -> None:
    for seen in (1, 0, 4, 5):
        talk.go_on(seen, 300, line=False)
    talk.go_on(5, 4 * AGAIN_MS)
    names = [next(iter(one[1].items())) for one in talk.said]
    assert names == [("door-open", 1), ("door-open", 0), ("siren-on", 1), ("door-open", 1)]


def test_there_is_a_report_each_five_seconds_without_a_change(talk: Talk) -> None:
    frames = []
    for now in range(talk.now, talk.now + 2 * FRESH_MS, 10):
        talk.reports.update(0, now)
        frame = talk.reports.to_send(now)
        frames += [frame] if frame else []
        if frame:
            talk.reports.receive(acknowledgement(99, 9))
    assert len(frames) == 2


def test_more_than_it_can_keep_is_said_to_be_lost(talk: Talk) -> None:
    for turn in range(KEPT + 10):
        talk.go_on(turn % 2, 100, line=False)
    talk.go_on(1, 3000)
    assert [one[1]["value"] for one in talk.said if one[0] == "unmapped"] == [9]


def test_an_acknowledgement_of_another_boot_is_none(talk: Talk) -> None:
    talk.go_on(1, 200, line=False)
    talk.reports.receive(acknowledgement(99, 8))
    frame = talk.reports.to_send(talk.now + AGAIN_MS)
    assert cbor2.loads(wire.body(wire.unstuffed(frame[:-1])))[wire.OLDEST] == 2
