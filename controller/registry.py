"""Who and what there is: wards, beds, patients, gateways, devices, and which device is on which bed.

All of it is small and read with every block, so it is held in memory; every change is committed first,
then seen here and told to the hub. What people change is read again whole; what gateways tell is added, for
a thousand of them come back at once when the controller starts.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from controller import places, stays
from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.bedside.settle import settle
from controller.clock import Clock
from controller.crew import takeover
from controller.errors import Conflict, NotFound
from controller.held import Bed, Device, Gateway, Present, Ward, read_all, stored_revision
from controller.hub import Hub
from controller.identity.certificates import By
from controller.items import is_verified
from controller.live import ASSESSED, REGISTRY
from controller.places import Assignment
from controller.scores.entries import present
from controller.stays import Moment, Patient
from controller.store import Store
from devices.model.identity import gateway_id, location_id

CONTROLLER = "controller"
"""The name that no gateway may have."""

_ADD_GATEWAY = """INSERT INTO gateway (id, name, provisioned, added_ms) VALUES (?, ?, 1, ?)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, provisioned = 1"""


class Registry:
    """The registry of one controller. Names are those of `devices.model.identity`."""

    def __init__(self, store: Store, hub: Hub, clock: Clock) -> None:
        self._store = store
        self._hub = hub
        self._clock = clock
        self._loading = asyncio.Lock()
        self._learned = 0
        """How often gateways told something new."""
        self.revision = -1
        """Counts what people changed."""
        self.wards: dict[str, Ward] = {}
        self.beds: dict[str, Bed] = {}
        self._stays: dict[str, Present] = {}
        self.gateways: dict[str, Gateway] = {}
        self.devices: dict[str, Device] = {}
        self.withdrawn: frozenset[str] = frozenset()
        """Devices that were decommissioned: no gateway's word places them."""
        self._assignments: dict[str, list[Assignment]] = {}

    async def load(self) -> None:
        """Read everything and tell the hub. Raises StoreError."""
        async with self._loading:
            learned, held = self._learned, await read_all(self._store)
            while learned != self._learned:  # what was read may lack what was learned meanwhile
                learned, held = self._learned, await read_all(self._store)
            before, self._stays = self._stays, held.stays
            self.revision, self.wards, self.beds = held.revision, held.wards, held.beds
            self.gateways, self.devices, self._assignments = held.gateways, held.devices, held.assignments
            self.withdrawn = held.withdrawn
            self._hub.assessed(await present(self._store))
            self._tell(before)

    async def assessed(self) -> None:
        """Somebody has assessed a patient: tell the hub what holds now. Raises StoreError."""
        await self.assessed_elsewhere()
        self._hub.elsewhere(ASSESSED, ())

    async def assessed_elsewhere(self) -> None:
        """Somebody has, at another controller: tell the hub what holds now. Raises StoreError."""
        async with self._loading:
            self._hub.assessed(await present(self._store))

    async def refresh(self) -> None:
        """Load again if another process has changed something. Raises StoreError."""
        if await stored_revision(self._store) != self.revision:
            await self.load()

    def learned(
        self, gateways: Iterable[str], devices: Iterable[Device], moves: Mapping[str, str], now_ms: int
    ) -> None:
        """Gateways told this, and it has been committed: their names, devices as they are now, new beds."""
        new = {name: Gateway(name, name, provisioned=False) for name in gateways if name not in self.gateways}
        told = {one.id: one for one in devices if self.devices.get(one.id) != one}
        if not (new or told or moves):
            return
        self._learned += 1
        self.gateways.update(new)
        self.devices.update(told)
        for device, bed in moves.items():
            held = self._assignments.setdefault(device, [])
            if (now := places.current(held)) is not None:
                held[-1] = replace(now, to_ms=now_ms)
            held.append(Assignment(bed, now_ms, None, None))
        self._hub.gateways({name: {"name": name} for name in new})
        self._hub.devices({name: _known_of(device) for name, device in told.items()})
        self._hub.placed(moves)

    def bed_of(self, device: str, at_ms: int | None = None) -> str | None:
        """The bed that `device` is (or was at `at_ms`) on; None: on none."""
        held = self._assignments.get(device, ())
        if at_ms is not None:
            return places.bed_at(held, at_ms)
        now = places.current(held)
        return None if now is None else now.bed

    def measured_at(self, device: str, named: str | None, at_ms: int) -> str | None:
        """The bed of a block that was sealed at `at_ms` and names a bed: that one, if no person had placed
        the device. What is kept here changes later than the gateways' own configurations."""
        may_be = named in self.beds and device not in self.withdrawn
        knows = may_be and places.gateway_knows(self._assignments.get(device, ()), at_ms)
        return named if knows else self.bed_of(device, at_ms)

    def placed_by_block(self, device: str, bed: str | None) -> bool:
        """Whether a block's word that `device` is at `bed` counts: the bed exists, nobody said otherwise."""
        return bed in self.beds and device not in self.withdrawn and not self._assignments.get(device)

    def placed_by_birth(self, device: str, bed: str | None) -> bool:
        """Whether a birth's word that `device` is at `bed` is news: the bed exists, no person disagrees."""
        may_be = bed in self.beds and device not in self.withdrawn
        return may_be and places.follows_gateway(self._assignments.get(device, ()), bed)

    def lacks(self, gateways: Iterable[str]) -> bool:
        """Whether one of `gateways` is not known here."""
        return any(gateway not in self.gateways for gateway in gateways)

    async def add_ward(self, ward: str, name: str, by: str = CONTROLLER, where: str = "") -> None:
        """Raises BadIdentity, Conflict."""
        location_id(ward)
        _new("ward", ward, self.wards)
        entry = Entry("add-ward", by, f"ward/{ward}", where=where)
        await self._change(lambda db: db.execute("INSERT INTO ward VALUES (?, ?)", (ward, name)), entry)

    async def add_bed(self, bed: str, ward: str, name: str, by: str = CONTROLLER, where: str = "") -> None:
        """Raises BadIdentity, Conflict, NotFound (the ward)."""
        location_id(bed)
        _new("bed", bed, self.beds)
        _known("ward", ward, self.wards)
        row = bed, ward, name
        entry = Entry("add-bed", by, f"bed/{bed}", where=where, detail={"ward": ward})
        await self._change(lambda db: db.execute("INSERT INTO bed VALUES (?, ?, ?)", row), entry)

    async def add_gateway(self, gateway: str, name: str) -> None:
        """Make a record of a gateway: it may have certificates from now on. Raises BadIdentity, Conflict."""
        gateway_id(gateway)
        if gateway == CONTROLLER:
            raise Conflict(f"{CONTROLLER!r} is the controller's own name: give the gateway another")
        if (held := self.gateways.get(gateway)) is not None and held.provisioned:
            raise Conflict(f"gateway {gateway!r} exists already: choose another name")
        row = gateway, name, self._now_ms()
        await self._change(lambda db: db.execute(_ADD_GATEWAY, row))

    async def admit(self, bed: str, patient: Patient, by: str, where: str = "") -> None:
        """Put a patient on a bed, in place of whoever was there. Raises NotFound, and Conflict when the
        patient is on another bed."""
        _known("bed", bed, self.beds)
        for other in self.beds.values():
            if other.id != bed and other.patient and other.patient.identifier == patient.identifier:
                raise Conflict(
                    f"patient {patient.identifier!r} is on bed {other.id!r}: discharge there first"
                )
        who, when = By(by, where), self._moment()
        await self._change(lambda db: stays.admit(db, bed, patient, who, when))

    async def identify(self, bed: str, patient: Patient, by: str, where: str = "") -> None:
        """Say who the unknown patient on the bed is: the same stays have the real name from now on.

        Raises NotFound (the bed), and Conflict: who lies there is known, or nobody does, or that patient is
        on another bed.
        """
        _known("bed", bed, self.beds)
        who, when = By(by, where), self._moment()
        await self._change(lambda db: stays.identify_present(db, bed, patient, who, when))

    async def discharge(self, bed: str, by: str, where: str = "") -> None:
        """Nobody is on the bed any more. Raises NotFound (the bed)."""
        _known("bed", bed, self.beds)
        who, when = By(by, where), self._moment()
        await self._change(lambda db: stays.discharge(db, bed, who, when))

    async def take_over(self, asked: takeover.Asked, by: str, where: str = "") -> None:
        """The patient whom the crew of a vehicle offers lies on a bed from now on.

        Raises Conflict: by now that is not possible, and what is.
        """
        who, when = By(by, where), self._moment()
        await self._change(lambda db: takeover.take_over(db, asked, who, when))

    async def assign(
        self, device: str, bed: str | None, by: str, where: str = "", *, move: bool = False
    ) -> None:
        """Put a device on a bed (None: on none) from now on; a person's word is above the gateway's.

        Raises NotFound, and Conflict when it is on another bed and is not said to `move`.
        """
        _known("device", device, self.devices)
        if bed is not None:
            _known("bed", bed, self.beds)
        now, patient = self._now_ms(), self.beds[bed].patient if bed else None
        whose = patient.identifier if patient else None
        entry = Entry("assign", by, f"device/{device}", patient=whose, where=where, detail={"bed": bed or ""})
        await self._change(lambda db: places.place(db, device, bed, now, by, move=move), entry)

    async def _change(self, work: Callable[[sqlite3.Connection], object], *entries: Entry) -> None:
        def counted(db: sqlite3.Connection) -> None:
            work(db)
            for entry in entries:
                append(db, entry, self._clock.utc_us())
            settle(db, self._clock.utc_us())
            db.execute("UPDATE meta SET value = value + 1 WHERE key = 'registry'")

        await self._store.write(counted)
        await self.load()
        self._hub.elsewhere(REGISTRY, ())

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000

    def _moment(self) -> Moment:
        return Moment(self._now_ms(), self._clock.utc_us())

    def _tell(self, before: Mapping[str, Present]) -> None:
        self._hub.gateways({gateway.id: {"name": gateway.name} for gateway in self.gateways.values()})
        self._hub.devices({device.id: _known_of(device) for device in self.devices.values()})
        wards = [asdict(ward) for ward in self.wards.values()]
        beds = [asdict(bed) for bed in self.beds.values()]
        same = {bed for bed, stay in self._stays.items() if bed in before and before[bed].id == stay.id}
        began = {bed: stay.told_us for bed, stay in self._stays.items() if stay.told_us is not None}
        self._hub.registry(wards, beds, {device: self.bed_of(device) for device in self.devices}, same, began)


def _known_of(device: Device) -> dict[str, Any]:
    known = {"gateway": device.gateway, "profile": device.profile, "metrics": list(device.metrics)}
    return {**known, "verified": is_verified(device.profile)}


def _new(kind: str, name: str, held: Mapping[str, object]) -> None:
    if name in held:
        raise Conflict(f"{kind} {name!r} exists already: choose another name")


def _known(kind: str, name: str, held: Mapping[str, object]) -> None:
    if name not in held:
        raise NotFound(f"there is no {kind} {name!r}; there are: {', '.join(held) or 'none'}")
