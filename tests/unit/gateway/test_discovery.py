"""Where each lane connects to, when one address after the other fails."""

from collections.abc import Awaitable, Callable

import pytest

from devices.wire.block import Lane
from gateway import discovery
from gateway.config import ControllerConfig
from gateway.discovery import Locator
from gateway.errors import Unreachable

EDGE, CLAIMED, ANNOUNCED = "mqtts://edge:8883", "mqtts://claimed:8883", "mqtts://here:8883"


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the local network announces."""
    held = list[str]()

    async def find(_wait_s: float) -> str:
        if not held:
            raise Unreachable("no controller announces itself")
        return held[0]

    monkeypatch.setattr(discovery, "find_controller", find)
    return held


def said(*addresses: str) -> Callable[[], Awaitable[tuple[str, ...]]]:
    async def hints() -> tuple[str, ...]:
        return addresses

    return hints


async def tried(locator: Locator, times: int) -> list[str]:
    """The addresses in turn, if all of them fail."""
    seen = list[str]()
    for _ in range(times):
        seen.append(await locator.locate(Lane.ALERT))
        locator.failed(Lane.ALERT)
    return seen


@pytest.mark.usefixtures("announced")
async def test_what_is_configured_is_used_and_nobody_is_asked() -> None:
    config = ControllerConfig.model_validate({"address": "mqtts://given"})
    locator = Locator(config, known=CLAIMED, hints=said(EDGE))
    assert await tried(locator, 2) == ["mqtts://given:8883"] * 2


async def test_a_hint_comes_first_then_the_claims_address_then_what_is_announced(
    announced: list[str],
) -> None:
    announced.append(ANNOUNCED)
    locator = Locator(ControllerConfig(), known=CLAIMED, hints=said(EDGE))
    assert await tried(locator, 6) == [EDGE, CLAIMED, ANNOUNCED, EDGE, CLAIMED, ANNOUNCED]


@pytest.mark.usefixtures("announced")
async def test_without_hint_or_announcement_the_claims_address_is_tried_again_and_again() -> None:
    assert await tried(Locator(ControllerConfig(), known=CLAIMED), 3) == [CLAIMED] * 3


@pytest.mark.usefixtures("announced")
async def test_where_nothing_is_known_it_says_so() -> None:
    with pytest.raises(Unreachable):
        await Locator(ControllerConfig()).locate(Lane.ALERT)


@pytest.mark.usefixtures("announced")
async def test_four_lanes_that_lose_one_address_go_on_by_one() -> None:
    locator = Locator(ControllerConfig(), known=CLAIMED, hints=said(EDGE, "mqtts://edge-2:8883"))
    assert {await locator.locate(lane) for lane in Lane} == {EDGE}
    for lane in Lane:
        locator.failed(lane)
    assert {await locator.locate(lane) for lane in Lane} == {"mqtts://edge-2:8883"}
    locator.failed(Lane.ALERT)
    await locator.locate(Lane.ALERT)
    locator.failed(Lane.WAVE)  # it had the address of before
    assert await locator.locate(Lane.WAVE) == CLAIMED


async def test_where_lanes_connect_to_is_known_once_it_was_found(announced: list[str]) -> None:
    announced.append(ANNOUNCED)
    own = {"lanes": {"alert": {"address": EDGE}}}
    locator = Locator(ControllerConfig.model_validate(own))
    assert locator.known_urls() == {EDGE}
    await locator.locate(Lane.VITAL)
    assert locator.known_urls() == {EDGE, ANNOUNCED}


FURTHER = ("mqtts://claimed-2:8883", "mqtts://claimed-3:8883")


@pytest.mark.usefixtures("announced")
async def test_several_brokers_are_tried_by_each_lane_in_an_order_of_its_own() -> None:
    config = ControllerConfig.model_validate({"address": [CLAIMED, *FURTHER]})
    starts = {await Locator(config, box=f"ward-{n}").locate(lane) for n in range(10) for lane in Lane}
    assert starts == {CLAIMED, *FURTHER}
    locator = Locator(config, box="ward-a")
    before = await locator.locate(Lane.VITAL)
    assert set(await tried(locator, 3)) == {CLAIMED, *FURTHER}
    assert await locator.locate(Lane.VITAL) == before
    assert locator.known_urls() == {CLAIMED, *FURTHER}


@pytest.mark.usefixtures("announced")
async def test_lanes_at_different_brokers_share_one_path_and_a_lane_with_its_own_address_does_not() -> None:
    own = {"lanes": {"alert": {"address": EDGE}}, "address": [CLAIMED, *FURTHER]}
    locator = Locator(ControllerConfig.model_validate(own))
    assert locator.path(Lane.VITAL, CLAIMED) == locator.path(Lane.WAVE, FURTHER[0])
    assert locator.path(Lane.ALERT, EDGE) == EDGE


@pytest.mark.usefixtures("announced")
async def test_the_brokers_of_the_claim_are_tried_unless_somebody_knows_better() -> None:
    locator = Locator(ControllerConfig(), known=CLAIMED, further=FURTHER)
    assert set(await tried(locator, 3)) == {CLAIMED, *FURTHER}
    hinted = Locator(ControllerConfig(), known=CLAIMED, further=FURTHER, hints=said(EDGE))
    assert await tried(hinted, 4) == [EDGE, CLAIMED, *FURTHER]
