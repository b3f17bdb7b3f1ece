"""A gateway that is on board of nothing has nothing of the crew's page."""

from collections.abc import Mapping
from pathlib import Path

from devices.model.orders import WATCHED
from gateway.alarms.bedside import Bedside
from gateway.clock import SystemClock
from gateway.config import Config
from gateway.onboard import Onboard, Reach


async def test_without_a_crew_only_the_network_side_hears_who_looks_on(tmp_path: Path) -> None:
    watched: list[Mapping[str, str | int]] = []

    async def say(_: object) -> None:
        raise AssertionError("nothing is told")

    async def look(arguments: Mapping[str, str | int]) -> None:
        watched.append(arguments)

    config = Config.model_validate({"gateway": {"id": "ward-a", "data": tmp_path}})
    bedside = Bedside.of(config.alarms, tmp_path, SystemClock(), lambda _who, _alerts: None, say)
    reach = Reach(say, lambda: None, look, None)  # type: ignore[arg-type,return-value]
    onboard = Onboard(config, SystemClock(), bedside, reach)
    await onboard.begin()
    assert (onboard.crew, onboard.parts) == (None, {})
    assert onboard.commands.keys() == {WATCHED}
    await onboard.commands[WATCHED]({"vehicle": "amb-1", "by": "Dr. Li"})
    assert watched == [{"vehicle": "amb-1", "by": "Dr. Li"}]
    assert not (tmp_path / "crew").exists()
