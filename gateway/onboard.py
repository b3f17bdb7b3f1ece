"""The crew's page of this gateway, if it has one: nothing of it is loaded where it has none (aiohttp: 20 MB).

onboard = Onboard(config, clock, ways)
onboard.heard(who, record)
await onboard.begin()
for name, part in onboard.parts: ...
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from devices.model.observation import DeviceEvent
from devices.model.orders import ANSWER, CORRIDOR, HANDED_OVER, INSTRUCT, PICTURE, WATCHED, Arguments
from devices.profiles import profile
from devices.wire.block import Lane
from devices.wire.records import AnyRecord, Attachment
from gateway.alarms.bedside import Bedside
from gateway.clock import Clock
from gateway.config import Config
from gateway.crew.config import CrewConfig
from gateway.errors import CaseConflict
from gateway.gather import Who
from gateway.itself import ITSELF
from gateway.journal.keeper import Keeper
from gateway.orders.commands import Do
from gateway.roster import Roster
from gateway.uplink import Uplink

if TYPE_CHECKING:
    from gateway.crew.crew import Crew

Part = Callable[[], Awaitable[None]]
Json = dict[str, Any]


class Reach(NamedTuple):
    """What is needed of the gateway."""

    say: Callable[[DeviceEvent], Awaitable[None]]
    """Puts an event into the journal. Raises NotKept."""
    uplink: Callable[[], Uplink]
    """There once the gateway serves."""
    watched: Do
    """Has to know, too, who in the hospital looks on."""
    keeper: Keeper


class Onboard:
    """Of the gateway so configured; `crew` is None where nobody is to look at it."""

    def __init__(self, config: Config, clock: Clock, bedside: Bedside, reach: Reach) -> None:
        self._clock, self._bedside, self._reach = clock, bedside, reach
        self._vehicle = config.vehicle
        self.crew: Crew | None = None if config.crew is None else self._made(config.crew, config.gateway.data)

    def _made(self, config: CrewConfig, data: Path) -> "Crew":
        from gateway.crew.attention import AlarmWays  # noqa: PLC0415 - see above
        from gateway.crew.crew import Crew, Ways  # noqa: PLC0415
        from gateway.crew.pictures import PictureWays  # noqa: PLC0415

        bedside = self._bedside
        alarms = AlarmWays(self._reach.say, bedside.acknowledge, bedside.limits_of, bedside.set_limit)
        pictures = PictureWays(self._attach, self._under_way)
        ways = Ways(alarms, self._standing, self._boarded, pictures)
        return Crew(config, data / "crew", self._clock, ways)

    @property
    def commands(self) -> Mapping[str, Do]:
        """What the hospital may tell the crew."""
        if self.crew is None:
            return {WATCHED: self._reach.watched}
        case = self.crew.case
        told = {INSTRUCT: case.instruct, ANSWER: case.answer, WATCHED: self._watched}
        told |= {HANDED_OVER: case.handed_over, CORRIDOR: self.crew.ahead.told}
        told |= {PICTURE: self.crew.pictures.told}
        return {name: partial(self._here, do) for name, do in told.items()}

    @property
    def parts(self) -> Mapping[str, Part]:
        """What is to be kept running."""
        if self.crew is None:
            return {}
        from gateway.crew.server import serve  # noqa: PLC0415

        crew = self.crew
        return {"crew": crew.run, "crew-page": lambda: serve(crew)}

    def heard(self, who: Who, record: AnyRecord) -> None:
        """Whatever a device of this gateway said, or the gateway itself."""
        if self.crew is not None:
            self.crew.heard(who, record)

    def served(self, roster: Roster) -> None:
        """Other devices are served than before."""
        if self.crew is not None:
            on_board = [one for one in roster.devices if one.bed == self._vehicle]
            self.crew.serves((one.id, one.profile, profile(one.profile).metrics) for one in on_board)

    async def begin(self) -> None:
        """Take up what an earlier start kept."""
        if self.crew is not None:
            await self.crew.begin()

    async def _here(self, do: Do, arguments: Arguments) -> None:
        """Raises CaseConflict: it is for the crew of another vehicle."""
        if arguments["vehicle"] != self._vehicle:
            raise CaseConflict(f"this box is on board of {self._vehicle}, not of {arguments['vehicle']}")
        await do(arguments)

    async def _watched(self, arguments: Arguments) -> None:
        await self._reach.watched(arguments)
        if self.crew is not None:
            await self.crew.case.watched(arguments)

    async def _attach(self, attachment: Attachment) -> None:
        """Raises NotKept."""
        self._reach.keeper.gather.put(Lane.BULK, ITSELF, attachment, self._clock.now())
        await self._reach.keeper.kept()

    def _under_way(self) -> int:
        return self._reach.uplink().lanes[Lane.BULK].sender.pending()

    def _boarded(self, stay: Json | None) -> None:
        """For whom the limits of alarms are."""
        if stay is None:
            self._bedside.ended(self._vehicle)
        else:
            self._bedside.patient(self._vehicle, stay["id"], stay["class"])

    async def _standing(self) -> Json:
        """How the box stands with the hospital. `oldest_ms`: the age of the oldest that it does not have."""
        uplink, clock = self._reach.uplink(), self._clock.block_clock()
        ages = [await lane.oldest_age_us(clock) for lane in uplink.lanes.values()]
        oldest_us = max((age for age in ages if age is not None), default=None)
        return {
            "online": uplink.control.is_online,
            "pending_blocks": sum(uplink.condition.pending()),
            "oldest_ms": None if oldest_us is None else oldest_us // 1000,
            **await uplink.condition.status(),
        }
