"""A lake made of rows, for questions of cohorts: each day a file, as the lake's writer makes them."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from controller.api.cohorts import COHORTS
from controller.clock import utc_day, utc_text
from controller.lake import manifest as manifests
from controller.lake.cohorts.beside import Asker
from controller.lake.manifest import File, Manifest
from controller.lake.parts import write_part
from controller.lake.tables import DAY_US, DAYS
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from tests.support.controller import PASSWORD, RunningController, quick_passwords
from tests.support.people import add_person

SECOND_US, MINUTE_US, HOUR_US = 1_000_000, 60_000_000, 3_600_000_000
BASE_US = 1_790_000_000_000_000 // DAY_US * DAY_US
"""Midnight, on 2026-09-21."""
_UTC = pa.timestamp("us", tz="UTC")
_NAME = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Stay:
    """Times in µs."""

    patient: str
    bed: str
    began: int
    ended: int | None
    ward: str | None = "ward-a"
    home: bool = False
    sex: str | None = "female"
    birth_date: str | None = "1950-01-01"


@dataclass(frozen=True)
class Sample:
    """A reading."""

    bed: str
    at: int
    value: float | None
    device: str = "ox-1"
    metric: str = "spo2"
    reason: str | None = None
    quality: int = 0


@dataclass
class Made:
    """What a lake is made of; `until`: when it is written."""

    stays: Sequence[Stay]
    samples: Sequence[Sample]
    until: int = BASE_US + 60 * DAY_US
    disowned: Sequence[int] = field(default_factory=list)
    """Places in `samples`."""


def lake_of(folder: Path, made: Made, generation: int = 1) -> Path:
    """Write it. A sample's id is its place."""
    days: Mapping[int, list[tuple[int, Sample]]] = defaultdict(list)
    for number, one in enumerate(made.samples):
        days[one.at // DAY_US].append((number, one))
    files = [_observations(folder, day, rows) for day, rows in sorted(days.items())]
    files += [_stays(folder, made.stays), _disowned(folder, made.disowned)]
    marks = {one.name: 0 for one in DAYS}
    written = Manifest(generation, utc_text(made.until), marks, marks, tuple(files))
    folder.mkdir(exist_ok=True)
    manifests.write(folder, written)
    return folder


def _observations(folder: Path, day: int, rows: list[tuple[int, Sample]]) -> File:
    samples = [one for _, one in rows]
    at = pa.array([one.at for one in samples]).cast(_UTC)
    columns = {
        "id": pa.array([number for number, _ in rows], pa.int64()),
        "time": at,
        "utc": at,
        **{name: _named(getattr(one, name) for one in samples) for name in ("device", "bed", "metric")},
        "unit": _named("%" for _ in samples),
        "value": pa.array([one.value for one in samples], pa.float64()),
        "reason": _named(one.reason for one in samples),
        "quality": pa.array([one.quality for one in samples], pa.int32()),
    }
    date = utc_day(day * DAY_US).isoformat()
    order = ("metric", "device", "time", "id")
    return _file(folder, "observation", date, pa.table(columns), order)


def _stays(folder: Path, stays: Sequence[Stay]) -> File:
    columns = {
        "id": pa.array(range(len(stays)), pa.int64()),
        "patient": pa.array([one.patient for one in stays], pa.string()),
        **{name: _named(getattr(one, name) for one in stays) for name in ("bed", "ward", "sex")},
        "home": pa.array([one.home for one in stays], pa.bool_()),
        "began": pa.array([one.began for one in stays], pa.int64()).cast(_UTC),
        "ended": pa.array([one.ended for one in stays], pa.int64()).cast(_UTC),
        "birth_date": pa.array([one.birth_date for one in stays], pa.string()),
    }
    return _file(folder, "stay", "", pa.table(columns), ())


def _disowned(folder: Path, ids: Sequence[int]) -> File:
    return _file(folder, "disowned", "", pa.table({"id": pa.array(ids, pa.int64())}), ())


def _named(values: Iterable[str | None]) -> Any:
    return pa.array(list(values), pa.string()).dictionary_encode().cast(_NAME)


def _file(folder: Path, table: str, date: str, rows: pa.Table, order: tuple[str, ...]) -> File:
    path = f"{table}/day={date}/part-1.parquet" if date else f"{table}/part-1.parquet"
    return File(path, table, date, **write_part(rows, folder / path, table, order))


def hospital(patients: int = 12) -> Made:
    """Patients P0 … in two wards, a month apart; of the first seven SpO2 falls for six minutes, of one more
    nothing is measured."""
    stays, samples = list[Stay](), list[Sample]()
    for n in range(patients):
        began = BASE_US + (n % 2) * 30 * DAY_US
        bed = f"bed-{n}"
        stays.append(Stay(f"P{n}", bed, began, began + 48 * HOUR_US, ward=f"ward-{'ab'[n % 2]}"))
        low = 87.0 if n < 7 else 95.0
        values = [96.0] * 30 + [low] * 6 + [96.0] * 30
        if n < patients - 1:
            samples += [Sample(bed, began + (60 + k) * MINUTE_US, value) for k, value in enumerate(values)]
    return Made(stays, samples)


@asynccontextmanager
async def asked_at(folder: Path, made: Made) -> AsyncIterator[RunningController]:
    """A running controller with this lake; a physician and an auditor of all wards, `ben` of ward A alone."""
    lake = lake_of(folder / "lake", made)
    store = await Store.open(folder / "controller.db")
    controller = RunningController(store)
    controller.app[COHORTS] = Asker(lake)
    with quick_passwords():
        for role in (Role.PHYSICIAN, Role.AUDITOR, Role.NURSE):
            await set_password(store, controller.clock, role.value, PASSWORD, role)
        await controller.start()
        try:
            for ward in ("ward-a", "ward-b"):
                await controller.registry.add_ward(ward, ward)
            await add_person(controller, "ben", Role.PHYSICIAN, ["ward-a"])
            yield controller
        finally:
            await controller.stop()
            await store.close()
