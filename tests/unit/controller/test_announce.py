"""What a gateway's birth says of it is shown, and what is wrong with the broker."""

from controller.announce import BROKER_FAILS, Announcer
from controller.identity.claims import USED_TWICE
from controller.presence import Presence
from devices.model.observation import Priority
from devices.wire.messages import Birth, BirthDevice, pack_message
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk


async def test_a_gateways_software_is_shown_as_its_birth_says(desk: Desk) -> None:
    sender = Sender("ward-a")
    for software in ("wardlink 1.0", "wardlink 1.1"):
        born = Birth(sender.journal, software, (BirthDevice("ox-1", "nonin-xpod", "bed-1", ("hr",)),))
        await desk.take(pack_message(born), what="birth")
        assert desk.hub.gateway_held("ward-a")["software"] == software


async def test_of_a_gateway_that_was_not_born_yet_no_software_is_known(desk: Desk) -> None:
    await desk.registry.add_gateway("ward-a", "Ward A")
    assert desk.hub.gateway_held("ward-a")["software"] is None


async def test_what_is_wrong_with_an_external_broker_is_one_alert_until_it_is_over(desk: Desk) -> None:
    announcer = Announcer(desk.hub, Presence(), desk.clock)
    told: list[list[tuple[str, object]]] = []
    for why in ("", "away", "away", "", ""):
        announcer.broker_told(why, Priority.HIGH)
        alerts = [one for one in desk.hub.snapshot()["alerts"] if one["code"] == BROKER_FAILS]
        told.append([(one["priority"], one["detail"]) for one in alerts if one["active"]])
    away = [("high", {"why": "away"})]
    assert told == [[], away, away, [], []]


async def test_claims_that_were_used_twice_are_an_alert_for_each_gateway_until_it_is_looked_after(
    desk: Desk,
) -> None:
    announcer = Announcer(desk.hub, Presence(), desk.clock)
    announcer.gateway_alert(USED_TWICE, "ward-a", {"where": "10.0.0.66"})  # at once, by the one who saw it
    told: list[list[tuple[str, str]]] = []
    for places in ({"ward-a": "10.0.0.66", "ward-b": "10.0.0.77"}, {"ward-b": "10.0.0.78"}, {}):
        announcer.used_twice(places)
        details = [one["detail"] for one in desk.hub.snapshot()["alerts"] if one["code"] == USED_TWICE]
        told.append(sorted((detail["gateway"], detail["where"]) for detail in details))
    both = [("ward-a", "10.0.0.66"), ("ward-b", "10.0.0.77")]
    assert told == [both, [("ward-b", "10.0.0.78")], []]


async def test_after_a_start_they_are_told_again(desk: Desk) -> None:
    Announcer(desk.hub, Presence(), desk.clock).used_twice({"ward-a": "10.0.0.66"})
    [alert] = desk.hub.snapshot()["alerts"]
    assert (alert["gateway"], alert["priority"]) == ("controller", "high")  # no gateway can end it
