"""What the registry has, as one reading of the database found it."""

import json
import sqlite3
from dataclasses import dataclass
from typing import NamedTuple

from controller.places import Assignment
from controller.stays import Patient
from controller.store import Store

_BEDS = """SELECT bed.id, bed.ward, bed.name, stay.identifier, stay.name AS patient,
  stay.id AS stay, stay.from_ms, stay.gateway
FROM bed LEFT JOIN stay ON stay.bed = bed.id AND stay.to_ms IS NULL ORDER BY bed.id"""
_WITHDRAWN = "SELECT device FROM inventory WHERE withdrawn_utc_us IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Ward:
    """A group of beds."""

    id: str
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
    """A gateway. `provisioned`: whether it may have a certificate."""

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


@dataclass(frozen=True, slots=True)
class Present:
    """The present stay of a bed. `told_us`: when it began, if a crew said so, who may say so late."""

    id: int
    told_us: int | None


class Held(NamedTuple):
    """What one reading of the database found."""

    revision: int
    wards: dict[str, Ward]
    beds: dict[str, Bed]
    stays: dict[str, Present]
    gateways: dict[str, Gateway]
    devices: dict[str, Device]
    assignments: dict[str, list[Assignment]]
    withdrawn: frozenset[str]


async def stored_revision(store: Store) -> int:
    """Counts what people changed. Raises StoreError."""
    return (await store.read("SELECT value FROM meta WHERE key = 'registry'"))[0][0]


async def read_all(store: Store) -> Held:
    """Raises StoreError."""
    read, revision = store.read, await stored_revision(store)
    wards = {row["id"]: Ward(*row) for row in await read("SELECT id, name FROM ward ORDER BY id")}
    rows = await read(_BEDS)
    beds = {row["id"]: _bed(row) for row in rows}
    lying = {row["id"]: _stay(row) for row in rows if row["stay"]}
    gateways = {row["id"]: _gateway(row) for row in await read("SELECT * FROM gateway ORDER BY id")}
    devices = {row["id"]: _device(row) for row in await read("SELECT * FROM device ORDER BY id")}
    assignments: dict[str, list[Assignment]] = {}
    for row in await read("SELECT device, bed, from_ms, to_ms, by FROM assignment ORDER BY id"):
        assignments.setdefault(row["device"], []).append(Assignment(*tuple(row)[1:]))
    withdrawn = frozenset([row["device"] for row in await read(_WITHDRAWN)])
    return Held(revision, wards, beds, lying, gateways, devices, assignments, withdrawn)


def _bed(row: sqlite3.Row) -> Bed:
    patient = None if row["identifier"] is None else Patient(row["identifier"], row["patient"])
    return Bed(row["id"], row["ward"], row["name"], patient)


def _stay(row: sqlite3.Row) -> Present:
    return Present(row["stay"], None if row["gateway"] is None else row["from_ms"] * 1000)


def _gateway(row: sqlite3.Row) -> Gateway:
    return Gateway(row["id"], row["name"], bool(row["provisioned"]))


def _device(row: sqlite3.Row) -> Device:
    return Device(row["id"], row["gateway"], row["profile"], tuple(json.loads(row["metrics"])))
