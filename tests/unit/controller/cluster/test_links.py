"""What goes down goes to where a gateway's alert lane is; what is said for good goes everywhere."""

from pathlib import Path

from controller.brokers import Brokers
from controller.clock import SystemClock
from controller.cluster.links import Links
from controller.cluster.member import Member
from controller.ingest import Arrived
from controller.mqtt import MqttLink
from devices.wire import topics


class Three:
    """Links to three members, all of them connected as far as they know."""

    def __init__(self, tmp_path: Path) -> None:
        self.arrived, self.lost = list[Arrived](), list[int]()
        members = [Member(f"mqtts://b{n}:8883", tmp_path, SystemClock(), lambda *_: None) for n in range(3)]
        told = self.arrived.append, self.lost.append
        self.links = Links(Brokers(members), b"12345678", SystemClock(), *told)
        self.each: list[MqttLink] = self.links._links
        for link in self.each:
            link.connected.set()

    def hears(self, index: int, topic: str, *, retained: bool = False) -> None:
        self.each[index]._arrived(Arrived(topic, b"", 0, retained))

    def waiting(self) -> list[int]:
        """How much each has to publish, which is forgotten then."""
        sizes = [link._outbox.qsize() for link in self.each]
        for link in self.each:
            while not link._outbox.empty():
                link._outbox.get_nowait()
        return sizes


RECEIPT = topics.down("ward-a", "receipt")


def test_a_receipt_goes_to_where_the_alert_lane_was_heard_last(tmp_path: Path) -> None:
    three = Three(tmp_path)
    three.links.send(RECEIPT, b"")
    assert three.waiting() == [1, 1, 1]
    three.hears(1, topics.up("ward-a", "birth"))
    three.hears(0, topics.up("ward-a", "vital"))
    three.hears(2, topics.up("ward-a", "state"))
    three.links.send(RECEIPT, b"")
    assert three.waiting() == [0, 1, 0]
    three.hears(2, topics.up("ward-a", "alert"))
    three.links.send(RECEIPT, b"")
    assert three.waiting() == [0, 0, 1]
    three.each[2].connected.clear()
    three.links.send(RECEIPT, b"")
    assert three.waiting() == [1, 1, 0]
    assert [one.broker for one in three.arrived] == [1, 0, 2, 2]


def test_what_is_said_for_good_goes_to_all(tmp_path: Path) -> None:
    three = Three(tmp_path)
    three.hears(1, topics.up("ward-a", "birth"))
    three.links.retain(topics.down("ward-a", "config"), b"")
    assert three.waiting() == [1, 1, 1]


def test_it_is_connected_as_long_as_one_is_and_says_which_was_lost(tmp_path: Path) -> None:
    three = Three(tmp_path)
    three.each[0].came()
    for index, still in ((0, True), (2, True), (1, False)):
        three.each[index].connected.clear()
        three.each[index]._lost()
        assert three.links.connected.is_set() == still
    assert three.lost == [0, 2, 1]
