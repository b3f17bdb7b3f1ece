"""A crew's words as the box of its vehicle sends them: events of the gateway itself, each at its own time."""

import json
from itertools import count

from controller.crew.follower import Follower
from controller.store import Store
from devices.model.crew import check_told
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Group
from tests.support.controller import RunningController
from tests.support.sender import Sender

ANN, BEN = "a" * 16, "b" * 16
"""The box's numbers of two stays."""
_NUMBERS = count(1)
SECOND_US = 1_000_000


class Crew:
    """The crew `by` of `vehicle`, at the box `sender`."""

    def __init__(self, sender: Sender, vehicle: str = "bed-1", by: str = "Mei") -> None:
        self.sender = sender
        self.vehicle = vehicle
        self.by = by

    def event(self, kind: EventKind, second: int, stay: str = ANN, /, **detail: str | int) -> DeviceEvent:
        """What is told `second` seconds after the box began."""
        told = {
            "event": f"{next(_NUMBERS):016x}",
            "vehicle": self.vehicle,
            "by": self.by,
            "stay": stay,
            **detail,
        }
        check_told(kind, told)
        return DeviceEvent(kind, Instant(second * SECOND_US * 1000), told)

    def patient(self, second: int, action: str, stay: str = ANN, **known: str | int) -> DeviceEvent:
        """Who is on board: begin, identify, end."""
        return self.event(EventKind.PATIENT, second, stay, action=action, **known)

    def assess(self, second: int, kind: str, stay: str = ANN, /, **value: object) -> DeviceEvent:
        """An assessment of that kind."""
        return self.event(EventKind.ASSESSMENT, second, stay, kind=kind, value=json.dumps(value))

    def mark(self, second: int, code: str, stay: str = ANN, text: str = "") -> DeviceEvent:
        """What was marked by one touch."""
        return self.event(EventKind.MARK, second, stay, code=code, text=text)

    def block(self, *events: DeviceEvent, mono_us: int = 100 * SECOND_US) -> bytes:
        """The box's next block of the lane of alerts, sealed at `mono_us`."""
        sender, lane = self.sender, Lane.ALERT
        number = sender.next[lane]
        sender.next[lane] += 1
        utc_us = None if sender.utc_us is None else sender.utc_us + mono_us
        sync = Sync.UNSET if utc_us is None else Sync.NETWORK
        clock = BlockClock(sender.boot, mono_us, utc_us, sync, None)
        payload = seal(sender.journal, lane, number, clock, [Group(None, None, list(events))])
        sender.pending[lane, number] = payload
        return payload


async def write_events(store: Store, gateway: str, at_us: int, *events: DeviceEvent) -> None:
    """`events` as the intake has them after a commit; the box began at `at_us` of the controller's scale."""
    rows = [
        (
            *(1, 1, place, 1, event.at // 1000, at_us + event.at // 1000),
            *(gateway, event.kind, json.dumps(dict(event.detail))),
        )
        for place, event in enumerate(events)
    ]
    columns = "stream, number, place, boot, mono_us, at_us, gateway, kind, detail"
    add = f"INSERT INTO device_event ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    await store.write(lambda db: db.executemany(add, rows))


async def make_vehicle(controller: RunningController, bed: str = "amb-1") -> Follower:
    """A vehicle with the box `box-1`, whose engineer recorded it, and the one who follows its crew."""
    await controller.add_bed(bed, "Ambulance 1", ["ox-9"])
    await controller.registry.add_gateway("box-1", "Box 1")
    await controller.registry.add_gateway("ward-box", "Ward box")
    record = "UPDATE gateway SET class = ?, place = ? WHERE id = ?"
    await controller.store.write(lambda db: db.execute(record, ("vehicle", bed, "box-1")))
    await controller.store.write(lambda db: db.execute(record, ("ward", "ward-a", "ward-box")))
    return Follower(controller.store, controller.registry, controller.clock, controller.hub)


class Board:
    """A crew whose box is always heard at once, `box` by name."""

    def __init__(self, controller: RunningController, follower: Follower, box: str = "box-1") -> None:
        self.controller = controller
        self.follower = follower
        self.crew = Crew(Sender(box), "amb-1")
        self.began_us = controller.clock.now_us() - 3600 * SECOND_US

    def now(self) -> int:
        """Seconds since the box began."""
        return (self.controller.clock.now_us() - self.began_us) // SECOND_US

    async def tell(self, *events: DeviceEvent) -> None:
        """They are committed, and taken over."""
        gateway = self.crew.sender.gateway
        await write_events(self.controller.store, gateway, self.began_us, *events)
        await self.follower.follow()

    async def commands(self, name: str) -> list[dict[str, str]]:
        """The arguments of all that the box was told by `name`."""
        query = "SELECT arguments FROM command WHERE name = ? ORDER BY issued_utc_us"
        return [json.loads(row[0]) for row in await self.controller.store.read(query, (name,))]

    async def answers(self, outcome: str, name: str = "instruct", why: str = "") -> None:
        """The box says what became of the last command of that name."""
        query = "SELECT id FROM command WHERE name = ? ORDER BY issued_utc_us DESC LIMIT 1"
        [row] = await self.controller.store.read(query, (name,))
        detail = {"id": row["id"], "name": name, "outcome": outcome, **({"why": why} if why else {})}
        event = DeviceEvent(EventKind.COMMAND, Instant(self.now() * SECOND_US * 1000), detail)
        await self.tell(event)
