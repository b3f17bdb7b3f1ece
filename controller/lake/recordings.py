"""Waveforms of a bed as files of WFDB, stay by stay: no record holds two patients, and the trail has each.

told = await take_out(store, folder, Wanted("bed-1", from_us, to_us), by)
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import SystemClock
from controller.errors import NotFound
from controller.history.reading import LONGEST_RUN_US, Run
from controller.identity.certificates import By
from controller.lake.wfdb import records
from controller.store import Store
from controller.store.beside import Beside

_BED = "SELECT 1 FROM bed WHERE id = ?"
_RUNS = """SELECT metric, device, at_us, rate_mhz, scale, "offset", quality, samples
FROM series CROSS JOIN waveform ON waveform.series = series.id
WHERE bed = ? AND at_us >= ? AND at_us < ? ORDER BY metric, device, at_us, waveform.id"""
_STAYS = """SELECT id, identifier, from_ms * 1000 AS from_us, to_ms * 1000 AS to_us FROM stay
WHERE bed = :bed AND from_ms * 1000 < :to AND (to_ms IS NULL OR to_ms * 1000 > :from) ORDER BY from_ms"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bed, from when on and until when (µs of the controller's time); `stay`: only that one."""

    bed: str
    from_us: int
    to_us: int
    stay: int | None = None


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: by stay, whose it is; and how much."""

    wanted: Wanted
    patients: tuple[str, ...]
    records: int
    samples: int


async def take_out(store: Store, folder: Path, wanted: Wanted, by: By) -> Exported:
    """Files in `folder`, which are there only once the trail has whose they are. Raises NotFound: no such
    bed, or nothing was measured there then; StoreError."""
    with _into(folder) as beside:
        told = await Beside(store.where).read(lambda db: export(db, beside, wanted))
        await store.write(lambda db: noted(db, told, by, SystemClock().utc_us()))
    return told


@contextmanager
def _into(folder: Path) -> Iterator[Path]:
    """A folder whose files are moved to `folder` at the end, or are gone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix=".", dir=folder) as name:
        yield (beside := Path(name))
        for path in beside.iterdir():
            path.replace(folder / path.name)


def export(db: sqlite3.Connection, folder: Path, wanted: Wanted) -> Exported:
    """Write the files into `folder`. Raises NotFound: no such bed, or nothing was measured there then."""
    if not db.execute(_BED, (wanted.bed,)).fetchone():
        raise NotFound(f"there is no bed {wanted.bed!r}: see `wardlink controller` for those there are")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    span = {"bed": wanted.bed, "from": wanted.from_us, "to": wanted.to_us}
    stays = [row for row in db.execute(_STAYS, span) if wanted.stay in (None, row["id"])]
    patients, count, samples = dict[str, None](), 0, 0
    for stay in stays:
        since, until = max(stay["from_us"], wanted.from_us), min(stay["to_us"] or wanted.to_us, wanted.to_us)
        for files in _of_stay(db, f"s{stay['id']}", (wanted.bed, since, until)):
            for name, content in files.items():
                (folder / name).write_bytes(content)
                samples += len(content) // 2 if name.endswith(".dat") else 0
            patients[stay["identifier"]] = None
            count += 1
    if not count:
        raise NotFound(
            f"no waveform of a stay was measured on {wanted.bed!r} then: they are kept for some days"
        )
    return Exported(wanted, tuple(patients), count, samples)


def noted(db: sqlite3.Connection, told: Exported, by: By, utc_us: int) -> None:
    """In the trail, for each patient; inside the caller's transaction."""
    detail = {"records": told.records, "from_us": told.wanted.from_us, "to_us": told.wanted.to_us}
    for patient in told.patients:
        entry = Entry("waveform-export", by.actor, f"bed/{told.wanted.bed}", patient=patient, detail=detail)
        append(db, entry, utc_us)


def _of_stay(db: sqlite3.Connection, name: str, span: tuple[str, int, int]) -> Iterator[dict[str, bytes]]:
    bed, since, until = span
    found = (Run(*tuple(row)) for row in db.execute(_RUNS, (bed, since - LONGEST_RUN_US, until)))
    for (metric, device), runs in groupby(found, lambda run: (run.metric, run.device)):
        # Letters, digits, hyphens and underscores: what a record may be called (header(5)).
        told = f"{name}_{metric.replace('_', '-')}_{device.replace('.', '_')}"
        yield from records(told, _cut(runs, since, until))


def _cut(runs: Iterable[Run], since: int, until: int) -> Iterator[Run]:
    """Without the samples before `since` and from `until` on."""
    for run in runs:
        step_us = 1e9 / run.rate_mhz
        count = len(run.samples) // 2
        first = max(0, -int((run.at_us - since) // step_us))
        last = min(count, max(0, -int((run.at_us - until) // step_us)))
        if first < last:
            at_us = run.at_us + round(first * step_us)
            yield run._replace(at_us=at_us, samples=run.samples[2 * first : 2 * last])
