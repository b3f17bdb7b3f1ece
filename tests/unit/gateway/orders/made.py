"""Orders as the controller of a gateway signs them, and a gateway's ears for what becomes of them."""

from pathlib import Path

from controller.identity.authority import Authority
from controller.orders.signing import Signer
from devices.model.observation import DeviceEvent, Instant
from devices.wire.block import BlockClock, Sync
from devices.wire.orders import Command, Configuration
from gateway.errors import NotKept
from gateway.orders.commands import Commands
from gateway.orders.done import DoneFile
from gateway.orders.held import Held
from gateway.orders.kept import ConfigurationFile
from tests.unit.gateway.enrolment.made import authority, identity

OURS, OTHER = authority(), authority()
IDENTITY = identity(OURS)
NOW_US = 1_790_000_000_000_000
HOUR_US = 3_600_000_000


def command(number: int = 1, name: str = "identify", **changes: object) -> Command:
    """Issued now, good for an hour, for ward-a."""
    told = {"arguments": {}, "gateway": "ward-a", "issuer": "anna", "issued_us": NOW_US}
    return Command(number.to_bytes(16, "big"), name, **{**told, "expires_us": NOW_US + HOUR_US, **changes})  # type: ignore[arg-type]


def configuration(revision: int = 1, gateway: str = "ward-a", **settings: str | int) -> Configuration:
    """Of ward-a; the names of settings with _ in place of -."""
    spelled = {name.replace("_", "-"): value for name, value in settings.items()}
    return Configuration(gateway, revision, "anna", NOW_US, spelled)


def signer(of: Authority = OURS) -> Signer:
    """Of an authority."""
    return Signer(of)


class HeldClock:
    """A clock that stands; `utc` None: the host does not know the time."""

    def __init__(self) -> None:
        self.utc: int | None = NOW_US

    def now(self) -> Instant:
        return Instant(7000)

    def block_clock(self) -> BlockClock:
        return BlockClock(bytes(16), 7, self.utc, Sync.NETWORK if self.utc else Sync.UNSET, None)

    def local_time(self, at: Instant) -> None:
        return None


class Box:
    """A gateway's part that obeys, on the disk in `folder`. A second one there is the next start."""

    def __init__(self, folder: Path) -> None:
        self.told: list[dict[str, str | int]] = []
        self.births = 0
        self.levels: list[str] = []
        self.applied: list[dict[str, str | int]] = []
        self.journal_fails = False
        self.clock = HeldClock()
        self.path = folder / "orders" / "done.json"
        self.commands = Commands("ward-a", self.clock, DoneFile(self.path), self._tell, self.levels.append)
        self.commands.load()
        self.file = ConfigurationFile("ward-a", folder / "orders" / "configuration.cose")
        self.file.load()
        self.held = Held(
            self.file, self.clock, self._tell, lambda settings: self.applied.append({**settings})
        )

    async def _tell(self, event: DeviceEvent) -> None:
        if self.journal_fails:
            raise NotKept("the journal failed")
        self.told.append(dict(event.detail))

    async def birth(self) -> None:
        self.births += 1

    @property
    def outcomes(self) -> list[str | int]:
        """What was told, without why."""
        return [one["outcome"] for one in self.told]
