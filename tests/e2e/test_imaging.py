"""The archive of images as a hospital runs it: the controller starts it, and it may be killed at any time."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

import aiohttp
import psutil
import pytest
import pytest_asyncio
from yarl import URL

from controller.clock import SystemClock
from controller.ports import free_port
from controller.security.cookie import COOKIE
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from hil.processes import Kept
from hil.sims.imaging.ecg import twelve_leads
from hil.sims.imaging.objects import Examination, Patient
from tests.support import dicom
from tests.support.controller import PASSWORD
from tests.support.waiting import until

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("imaging-e2e"),
    pytest.mark.timeout(240),
]
ROOT = Path(__file__).parents[2]
_CONFIG = """[controller]
data = "."
[http]
port = {http}
[mqtt]
port = {mqtt}
[est]
port = {est}
[imaging]
port = {imaging}
[imaging.dimse]
port = {dimse}
[[imaging.dimse.peers]]
title = "CT1"
host = "127.0.0.1"
may = ["store"]
"""


class Site:
    """A controller with an archive, and radiology logged in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {
            name: free_port("127.0.0.1", 0, name) for name in ("http", "mqtt", "est", "imaging", "dimse")
        }
        folder.mkdir()
        config = folder / "controller.toml"
        config.write_text(_CONFIG.format(**self.ports), encoding="utf-8")
        argv = [sys.executable, "-m", "wardlink", "controller", "run", str(config)]
        self.controller = Kept(
            "controller", argv, log=folder / "controller.log", died=lambda *_: None, cwd=ROOT
        )
        self.cookie = ""

    def processes(self, module: str) -> list[psutil.Process]:
        """Those of the archive that run `module`."""
        assert self.controller.pid
        with suppress(psutil.NoSuchProcess):
            return [one for one in psutil.Process(self.controller.pid).children() if module in one.cmdline()]
        return []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{json.loads(self.told.read_text())['imaging'].rpartition(':')[2]}"

    @property
    def told(self) -> Path:
        return self.folder / "run" / "addresses.json"

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"{COOKIE}={self.cookie}", "Origin": self.address}

    async def log_in(self) -> None:
        board = json.loads(self.told.read_text())["http"]
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=board)
        async with aiohttp.ClientSession(board, cookie_jar=jar, headers={"Origin": board}) as session:
            async with session.post("/api/login", json={"user": "radiology", "password": PASSWORD}) as answer:
                assert answer.status == 204, await answer.text()
            self.cookie = jar.filter_cookies(URL(board))[COOKIE].value

    async def store(self, session: aiohttp.ClientSession, content: bytes) -> int | None:
        """The status; None: nobody answered."""
        told = {**self.headers, "Content-Type": "application/dicom"}
        with suppress(aiohttp.ClientError, ConnectionError):
            async with session.post(
                f"{self.address}/dicom-web/studies", data=content, headers=told
            ) as answer:
                await answer.read()
                return answer.status
        return None

    async def get(self, session: aiohttp.ClientSession, study: str) -> bytes:
        """The one instance of a study."""
        told = {**self.headers, "Accept": "application/dicom"}
        [found] = await self.json(session, f"/studies/{study}/instances")
        series, instance = (found[key]["Value"][0] for key in ("0020000E", "00080018"))
        path = f"{self.address}/dicom-web/studies/{study}/series/{series}/instances/{instance}"
        async with session.get(path, headers=told) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.read()

    async def json(self, session: aiohttp.ClientSession, path: str) -> list[dict[str, dict[str, list[str]]]]:
        async with session.get(f"{self.address}/dicom-web{path}", headers=self.headers) as answer:
            return [] if answer.status == 204 else await answer.json(content_type=None)

    async def answers(self) -> None:
        """Waits until the archive does."""
        async with asyncio.timeout(60), aiohttp.ClientSession() as session:
            while True:
                with suppress(aiohttp.ClientError, FileNotFoundError):
                    async with session.get(f"{self.address}/dicom-web/studies") as answer:
                        assert answer.status == 401
                        return
                await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One for all: five processes begin with it, and who kills one of them comes last."""
    async with running(tmp_path_factory.mktemp("imaging") / "site") as site:
        yield site


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Site]:
    site = Site(folder)
    store = await Store.open(folder / "wardlink.sqlite")
    await set_password(store, SystemClock(), "radiology", PASSWORD, Role.RADIOLOGY)
    await store.close()
    await site.controller.start()
    try:
        await site.answers()
        await site.log_in()
        yield site
    finally:
        await site.controller.stop()


async def listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_its_processes_end_with_the_controller(tmp_path: Path) -> None:
    async with running(tmp_path / "site") as site:
        modules = ("controller.imaging", "controller.imaging.dimse", "controller.imaging.plugins")
        ours = [process for module in modules for process in site.processes(module)]
        assert len(ours) == 3
        workers = [child for process in ours for child in process.children(recursive=True)]
        assert workers
        assert site.controller.pid
        os.kill(site.controller.pid, signal.SIGKILL)
        _, alive = await asyncio.to_thread(psutil.wait_procs, [*ours, *workers], 20)
        assert alive == []


async def test_a_modality_sends_by_dicoms_own_protocol_and_radiology_finds_it(
    site: Site, tmp_path: Path
) -> None:
    file, port = tmp_path / "ct.dcm", str(site.ports["dimse"])
    file.write_bytes(dicom.ct(patient_id="4712", patient_name="Vonferne^Dora"))
    async with asyncio.timeout(60):
        while not await listens(site.ports["dimse"]):  # noqa: ASYNC110 — a process begins
            await asyncio.sleep(0.1)
    results = {}
    for title in ("CT1", "STRANGER"):
        process = await asyncio.create_subprocess_exec(
            "storescu", "-aet", title, "-aec", "WARDLINK", "127.0.0.1", port, str(file), stderr=-1
        )
        await process.communicate()
        results[title] = process.returncode
    assert results["CT1"] == 0
    assert results["STRANGER"] != 0
    async with aiohttp.ClientSession() as session:
        found = await site.json(session, "/studies?PatientName=vonferne*")
    assert len(found) == 1


async def test_a_plug_in_says_what_a_physician_should_look_at_first(site: Site) -> None:
    at = datetime(2026, 11, 25, 9, 30)  # noqa: DTZ001 — modalities write local time
    examination = Examination(Patient("4713", "Muster^Anna", "19610412", "F"), at)
    async with aiohttp.ClientSession() as session:
        assert await site.store(session, twelve_leads(examination, 180.0)) == 200
        async with asyncio.timeout(60):
            found: list[dict[str, dict[str, list[str]]]] = []
            while not found:
                await asyncio.sleep(0.5)
                found = await site.json(session, f"/studies/{examination.uid()}/series?Modality=SR")


async def test_it_listens_on_loopback_and_its_sockets_are_ours_alone(site: Site) -> None:
    [service] = site.processes("controller.imaging")
    listening = {one.laddr for one in service.net_connections("inet") if one.status == psutil.CONN_LISTEN}
    assert {place.ip for place in listening} == {"127.0.0.1"}
    for name in ("imaging.sock", "imaging-desk.sock", "imaging.json", "dimse.json"):
        assert (site.folder / "run" / name).stat().st_mode & 0o077 == 0


async def test_what_was_acknowledged_survives_kills_of_the_service(site: Site) -> None:
    acknowledged: dict[str, bytes] = {}
    stop = asyncio.Event()

    async def send(session: aiohttp.ClientSession) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            study = f"2.25.{os.getpid()}{id(session)}{number}"
            content = dicom.ct(study=study)
            if await site.store(session, content) == 200:
                acknowledged[study] = content
            else:
                await asyncio.sleep(0.05)

    killed = []
    async with aiohttp.ClientSession() as one, aiohttp.ClientSession() as two:
        sending = [asyncio.create_task(send(session)) for session in (one, two)]
        for _ in range(3):
            before = len(acknowledged)
            await until(lambda n=before: len(acknowledged) >= n + 5, "images are acknowledged", 60)
            [process] = site.processes("controller.imaging")
            process.send_signal(signal.SIGKILL)
            killed.append(process.pid)
            await asyncio.to_thread(process.wait, 20)
            await site.answers()
        stop.set()
        await asyncio.gather(*sending)
        assert len(set(killed)) == 3
        for study, content in acknowledged.items():
            assert await site.get(one, study) == content
        found = {row["0020000D"]["Value"][0] for row in await site.json(one, "/studies?limit=5000")}
    assert acknowledged.keys() <= found
