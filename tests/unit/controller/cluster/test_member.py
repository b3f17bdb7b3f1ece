"""A member that is away, obeys something else, or has certificates that end is told, beside others."""

from pathlib import Path

from controller.brokers import Brokers, each
from controller.clock import SystemClock
from controller.cluster.access import InForce
from controller.cluster.choice import chosen
from controller.cluster.member import Member
from controller.cluster.section import MqttSection
from controller.external_broker import ExternalBroker
from controller.identity.takeover import ISSUERS
from devices.model.observation import Priority


class Clock(SystemClock):
    """Stands still until told."""

    at_us = 1_000_000_000

    def now_us(self) -> int:
        return self.at_us

    def utc_us(self) -> int:
        return self.at_us


class Told:
    """What was told last."""

    def __init__(self) -> None:
        self.last: tuple[str, Priority] | None = None

    def __call__(self, why: str, priority: Priority) -> None:
        self.last = why, priority


def member(tmp_path: Path) -> tuple[Member, Clock, Told, list[bytes]]:
    (tmp_path / ISSUERS).write_text("issuers")
    clock, told, sent = Clock(), Told(), list[bytes]()
    one = Member("mqtts://b1:8883", tmp_path, clock, told)
    one.retain = lambda _topic, payload: sent.append(payload)
    one.is_connected = lambda: True
    return one, clock, told, sent


def obeyed(one: Member, until_s: int = 2**40) -> None:
    one.heard(InForce(one._want, until_s).pack())


def test_it_is_told_whom_to_let_in_once_for_each_change(tmp_path: Path) -> None:
    one, _, _, sent = member(tmp_path)
    for gateways in ({"a": "ward-a"}, {"a": "ward-a"}, {}):
        one.configure("controller", gateways)
    assert len(sent) == 2
    (tmp_path / ISSUERS).write_text("others")
    one.reload()
    assert len(set(sent)) == 3


def test_one_that_is_away_or_does_not_obey_is_an_alert_until_it_does(tmp_path: Path) -> None:
    one, clock, told, _ = member(tmp_path)
    one.configure("controller", {"a": "ward-a"})
    clock.at_us += 4_000_000
    one._look()
    assert told.last is None
    clock.at_us += 2_000_000
    one._look()
    assert told.last and "does not say that it lets in whom it should" in told.last[0]
    one.is_connected = lambda: False
    one._look()
    assert told.last == (
        "mqtts://b1:8883: no connection: see `wardlink broker run` on its host",
        Priority.HIGH,
    )
    one.is_connected = lambda: True
    obeyed(one)
    one._look()
    assert told.last == ("", Priority.LOW)


def test_what_nobody_can_read_changes_nothing(tmp_path: Path) -> None:
    one, _, told, _ = member(tmp_path)
    one.configure("controller", {})
    obeyed(one)
    one.heard(b"?")
    one._look()
    assert told.last == ("", Priority.LOW)


def test_certificates_that_end_soon_are_told(tmp_path: Path) -> None:
    one, clock, told, _ = member(tmp_path)
    one.configure("controller", {})
    obeyed(one, clock.utc_us() // 1_000_000 + 3 * 86_400)
    one._look()
    assert told.last and "its certificates end in 3 days" in told.last[0]


def test_what_is_wrong_with_several_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / ISSUERS).write_text("issuers")
    told, clock = Told(), Clock()
    section = MqttSection(port=8883, members=("mqtts://b1", "mqtts://b2"))
    broker = chosen(section, tmp_path, tmp_path, clock, told)
    first, second = each(broker)
    assert isinstance(broker, Brokers)
    assert isinstance(first, Member)
    assert isinstance(second, Member)
    clock.at_us += 6_000_000
    first._look()
    second._look()
    assert told.last and told.last[0].count("no connection") == 2
    for one in (first, second):
        one.is_connected = lambda: True
    first._look()
    assert told.last[0].startswith("mqtts://b2:8883")
    second._look()
    assert told.last == ("", Priority.LOW)


def test_a_list_of_the_hospitals_own_is_several_too(tmp_path: Path) -> None:
    section = MqttSection.model_validate({"port": 8883, "url": ["mqtts://m1", "mqtts://m2:1"]})
    found = each(chosen(section, tmp_path, tmp_path, Clock(), Told()))
    assert [one.url for one in found] == ["mqtts://m1:8883", "mqtts://m2:1"]
    assert all(isinstance(one, ExternalBroker) for one in found)
