"""From an ECG that is stored to a report beside it and a place on the worklist; storing does not wait."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp import web

from controller.clock import SystemClock
from controller.imaging.app import make_inside_app
from controller.imaging.archive.deletion import What, delete
from controller.imaging.client import ImagingClient
from controller.imaging.manage.ways import MANAGE
from controller.imaging.parts import Parts
from controller.imaging.plugins.archive_source import ArchiveSource
from controller.imaging.plugins.looking import Looking
from controller.imaging.plugins.queue import Queue
from controller.imaging.plugins.registry import PLUGINS
from controller.imaging.plugins.results_source import ResultsSource
from controller.imaging.plugins.running import Runner
from controller.imaging.plugins.ways import PLUGINS as WAYS
from controller.imaging.sight import WHOLE
from controller.store import Store
from hil.sims.imaging.ecg import twelve_leads
from hil.sims.imaging.objects import Examination, Patient
from tests.support import dicom
from tests.support.imaging import RunningImaging, running_imaging
from tests.support.waiting import until

HOSTILE = Path(__file__).parents[4] / "support" / "hostile_plugin.py"
ANNA = Patient("4711", "Muster^Anna", "19610412", "F")


class Silent:
    """A trail of which nothing is asked here."""

    async def saw(self, *_: object) -> None: ...

    async def refused(self, *_: object) -> None: ...


@dataclass
class Bench:
    """A real imaging service, its inner door, and the plug-ins' queue beside it."""

    imaging: RunningImaging
    queue: Queue
    client: ImagingClient
    folder: Path

    def looking(self, runner: Runner | None = None) -> Looking:
        source = ArchiveSource(self.client, tuple(PLUGINS.values()))
        return Looking(self.queue, (source,), runner or Runner())

    async def store(self, *files: bytes) -> None:
        status, answer = await self.imaging.store(*files)
        assert status == 200, answer

    async def urgency(self) -> list[int]:
        rows = await self.imaging.archive.store.read("SELECT urgency FROM study ORDER BY id")
        return [row["urgency"] for row in rows]

    async def jobs(self) -> list[tuple[str, str]]:
        rows = await self.queue.store.read("SELECT state, message FROM job ORDER BY id")
        return [(row["state"], row["message"]) for row in rows]


@asynccontextmanager
async def inner_door(imaging: RunningImaging, socket: Path) -> AsyncIterator[None]:
    parts = Parts(imaging.archive, imaging.decoder, Silent(), SystemClock())
    runner = web.AppRunner(make_inside_app(parts, more=(*MANAGE, *WAYS)), shutdown_timeout=1)
    await runner.setup()
    await web.UnixSite(runner, str(socket)).start()
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with running_imaging(tmp_path / "imaging") as imaging:
        socket = tmp_path / "inside.sock"
        async with inner_door(imaging, socket):
            queue = await Queue.open(tmp_path / "plugins.sqlite", SystemClock())
            client = ImagingClient(socket)
            try:
                yield Bench(imaging, queue, client, tmp_path)
            finally:
                await client.close()
                await queue.close()


def ecg(per_min: float, seed: int = 1) -> bytes:
    at = datetime(2026, 11, 26, 9, seed)  # noqa: DTZ001 — modalities write local time
    return twelve_leads(Examination(ANNA, at, f"A{seed}", seed), per_min)


async def look_at_all(looking: Looking) -> None:
    await looking.ask()
    while await looking.look():
        pass


async def test_a_fast_ecg_gets_a_report_in_its_study_and_rises_on_the_worklist(bench: Bench) -> None:
    await bench.store(ecg(72, 1), ecg(150, 2))
    await look_at_all(bench.looking())
    assert await bench.urgency() == [0, 2]
    studies = await bench.imaging.search("studies", ModalitiesInStudy="SR")
    assert len(studies) == 1
    [report] = await bench.imaging.search("instances", Modality="SR")
    assert report["00080016"]["Value"] == ["1.2.840.10008.5.1.4.1.1.88.33"]
    rows = await bench.queue.store.read("SELECT patient, told FROM finding")
    assert [row["patient"] for row in rows] == ["4711"]
    assert "Tachycardia" in rows[0]["told"]


async def test_its_own_report_is_not_looked_at_and_images_are_not(bench: Bench) -> None:
    await bench.store(ecg(150), dicom.ct(patient_id="4712"))
    looking = bench.looking()
    await look_at_all(looking)
    await look_at_all(looking)
    assert [state for state, _ in await bench.jobs()] == ["done"]


async def test_looked_at_twice_it_is_one_report(bench: Bench) -> None:
    """As after a crash between the report and the queue's note of it."""
    await bench.store(ecg(150))
    looking = bench.looking()
    await look_at_all(looking)
    await bench.queue.store.write(lambda db: db.execute("UPDATE job SET state = 'waiting'"))
    await look_at_all(looking)
    assert len(await bench.imaging.search("instances", Modality="SR")) == 1
    assert await bench.imaging.archive.store.read("SELECT id FROM quarantine") == []


async def test_a_person_who_said_that_it_is_more_urgent_is_right(bench: Bench) -> None:
    await bench.store(ecg(150))
    await bench.imaging.archive.store.write(lambda db: db.execute("UPDATE study SET urgency = 3"))
    await look_at_all(bench.looking())
    assert await bench.urgency() == [3]


async def test_while_a_plug_in_hangs_everything_is_stored_and_found(bench: Bench, tmp_path: Path) -> None:
    began = tmp_path / "began"
    await bench.store(ecg(150, 1))
    looking = bench.looking(Runner((sys.executable, "-P", str(HOSTILE), "hang", str(began)), 600))
    await looking.ask()
    hanging = asyncio.create_task(looking.look())
    await until(began.exists, "the plug-in hangs")
    await bench.store(*(ecg(150, seed) for seed in range(2, 7)))
    assert len(await bench.imaging.search("studies")) == 6
    assert [state for state, _ in await bench.jobs()] == ["running"]
    assert not hanging.done()
    hanging.cancel()
    await asyncio.wait((hanging,))


async def test_a_plug_in_that_always_hangs_is_given_up_and_the_next_thing_is_looked_at(
    bench: Bench, tmp_path: Path
) -> None:
    await bench.store(ecg(150, 1))
    hangs = bench.looking(Runner((sys.executable, "-P", str(HOSTILE), "hang", str(tmp_path / "b")), 0.5))
    await look_at_all(hangs)
    assert await bench.jobs() == [("failed", "it did not answer within 0.5 s and was ended")]
    await bench.store(ecg(150, 2))
    await look_at_all(bench.looking())
    assert [state for state, _ in await bench.jobs()] == ["failed", "done"]


async def test_findings_that_cannot_be_read_are_nobodys(bench: Bench, tmp_path: Path) -> None:
    await bench.store(ecg(150))
    await look_at_all(
        bench.looking(Runner((sys.executable, "-P", str(HOSTILE), "liar", str(tmp_path / "b"))))
    )
    [(state, message)] = await bench.jobs()
    assert (state, message) == ("failed", "what it found cannot be read (KeyError)")
    assert await bench.urgency() == [0]


async def test_what_was_deleted_meanwhile_is_done_with(bench: Bench) -> None:
    await bench.store(ecg(150))
    looking = bench.looking()
    await looking.ask()
    await bench.imaging.archive.store.write(lambda db: db.execute("DELETE FROM study"))
    await look_at_all(looking)
    assert await bench.jobs() == [("done", "the study is not there any more")]


async def test_an_archive_that_is_away_is_waited_for(bench: Bench, tmp_path: Path) -> None:
    await bench.store(ecg(150))
    await bench.looking().ask()
    away = ImagingClient(tmp_path / "nobody.sock")
    looking = Looking(bench.queue, (ArchiveSource(away, tuple(PLUGINS.values())),), Runner())
    assert await looking.look()
    assert not await looking.look()
    await away.close()
    assert [state for state, _ in await bench.jobs()] == ["waiting"]
    await look_at_all(bench.looking())
    assert [state for state, _ in await bench.jobs()] == ["done"]


async def test_what_is_stored_after_the_newest_was_deleted_is_looked_at_too(bench: Bench) -> None:
    """SQLite gives the number of a deleted newest row again."""
    await bench.store(ecg(150, 1))
    looking = bench.looking()
    await look_at_all(looking)
    [study] = await bench.imaging.search("studies")
    uid = study["0020000D"]["Value"][0]
    await delete(bench.imaging.archive, WHOLE, What(uid), by="anna", why="another patient's")
    await bench.store(ecg(150, 2))
    await look_at_all(looking)
    assert [state for state, _ in await bench.jobs()] == ["done", "done"]


async def test_an_archive_that_is_away_holds_up_no_other_source(bench: Bench, tmp_path: Path) -> None:
    await bench.store(ecg(150))
    await bench.looking().ask()
    away = ImagingClient(tmp_path / "nobody.sock")
    plugins = tuple(PLUGINS.values())
    database = await Store.open(tmp_path / "wardlink.sqlite")
    sources = ArchiveSource(away, plugins), ResultsSource(database.path, plugins)
    looking = Looking(bench.queue, sources, Runner())
    await looking.ask()
    detail = {"loinc": "2823-3", "value": "7.0", "unit": "mmol/L", "patient": "4711", "specimen": "S"}
    await database.write(
        lambda db: db.execute(
            """INSERT INTO device_event (stream, number, place, boot, mono_us, at_us, gateway, kind, detail)
            VALUES (1, 1, 1, 1, 0, 0, 'box', 'lab-result', ?)""",
            (json.dumps(detail),),
        )
    )
    await look_at_all(looking)
    await away.close()
    await database.close()
    assert [state for state, _ in await bench.jobs()] == ["waiting", "done"]
