"""Who and what there is: wards, beds, patients, gateways, devices, and which device is on which bed.

All of it is small and read with every block, so it is held in memory; every change is committed first,
then seen here and told to the hub.
"""

import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from controller import places
from controller.clock import Clock
from controller.errors import Conflict, NotFound
from controller.hub import Hub
from controller.places import Assignment
from controller.store import Store
from devices.model.identity import gateway_id, location_id


@dataclass(frozen=True, slots=True)
class Ward:
    """A group of beds."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A person on a bed: `identifier` is the hospital's."""

    identifier: str
    name: str


@dataclass(frozen=True, slots=True)
class Bed:
    """A bed (or vehicle) and who is on it now."""

    id: str
    ward: str
    name: str
    patient: Patient | None


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway. `provisioned`: whether the broker lets it in."""

    id: str
    name: str
    provisioned: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A device that a gateway has spoken of. `profile` is None until a birth names it."""

    id: str
    gateway: str
    profile: str | None
    metrics: tuple[str, ...]


class Registry:
    """The registry of one controller. Names are those of `devices.model.identity`."""

    def __init__(self, store: Store, hub: Hub, clock: Clock) -> None:
        self._store = store
        self._hub = hub
        self._clock = clock
        self._revision = -1
        self.wards: Mapping[str, Ward] = {}
        self.beds: Mapping[str, Bed] = {}
        self.gateways: Mapping[str, Gateway] = {}
        self.devices: Mapping[str, Device] = {}
        self._assignments: Mapping[str, list[Assignment]] = {}

    async def load(self) -> None:
        """Read everything and tell the hub. Raises StoreError."""
        raise NotImplementedError

    async def refresh(self) -> None:
        """Load again if another process has changed something."""
        raise NotImplementedError

    def bed_of(self, device: str, at_ms: int | None = None) -> str | None:
        """The bed that `device` is (or was at `at_ms`) on; None: on none."""
        raise NotImplementedError

    async def add_ward(self, ward: str, name: str) -> None:
        """Raises BadIdentity, Conflict."""
        raise NotImplementedError

    async def add_bed(self, bed: str, ward: str, name: str) -> None:
        """Raises BadIdentity, Conflict, NotFound (the ward)."""
        raise NotImplementedError

    async def add_gateway(self, gateway: str, name: str) -> str:
        """Let a gateway in. Returns its new password (32 hexadecimal digits). Raises BadIdentity, Conflict."""
        raise NotImplementedError

    async def admit(self, bed: str, patient: Patient, by: str) -> None:
        """Put a patient on a bed, in place of whoever was there. Raises NotFound, and Conflict when the
        patient is on another bed."""
        raise NotImplementedError

    async def discharge(self, bed: str, by: str) -> None:
        """Nobody is on the bed any more. Raises NotFound (the bed)."""
        raise NotImplementedError

    async def assign(self, device: str, bed: str | None, by: str) -> None:
        """Put a device on a bed (None: on none) from now on; a person's word is above the gateway's.

        Raises NotFound.
        """
        raise NotImplementedError
