"""No log, and no file but the database, ever holds a patient: a made-up one is looked for everywhere.

The identifier and the name are put into every place of every request that takes a text; and into a running
controller, whose output and files are then searched.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.api.route import Route
from controller.api.routes import TABLE
from controller.clock import SystemClock
from controller.hub import Hub
from controller.registry import Patient, Registry
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.http import client, events
from tests.support.waiting import wait_for

IDENTIFIER, NAME = "CANARY-4711", "Canaria Vogelsang"
CANARY = Patient(IDENTIFIER, NAME)
TOLD = (IDENTIFIER.encode(), NAME.encode(), b"Vogelsang")
DATABASE = ("wardlink.sqlite", "controller.db")
BODIES: list[dict[str, Any]] = [
    {"json": {"identifier": IDENTIFIER, "name": NAME}},
    {"json": {"bed": IDENTIFIER}},
    {"json": {"user": IDENTIFIER, "password": NAME}},
    {"json": {"patient": IDENTIFIER, "reason": NAME}},
    {"json": {"identifier": 7, NAME: IDENTIFIER}},
    {"data": b'{"name": "Canaria Vogelsang"', "headers": {"Content-Type": "application/json"}},
    {"data": b"\xff CANARY-4711", "headers": {"Content-Type": "text/plain"}},
]


def paths(route: Route) -> Iterator[str]:
    """The route's path with what there is, and with the patient in every place."""
    for bed in ("bed-1", IDENTIFIER):
        path = route.path.replace("{path:.+}", IDENTIFIER).replace("{bed}", bed).replace("{device}", "ox-1")
        while "{" in path:
            begin = path.index("{")
            path = path[:begin] + IDENTIFIER + path[path.index("}") + 1 :]
        yield path


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path / "data", **{role.value: role for role in Role}) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await started.registry.admit("bed-1", CANARY, "test")
            yield started


async def call_everything(session: aiohttp.ClientSession, bodies: list[dict[str, Any]] = BODIES) -> bool:
    """Every route with the patient in every place. Whether any answer showed the patient."""
    shown = False
    query = {"from_ms": "1", "to_ms": "60000", "metric": IDENTIFIER, "patient": IDENTIFIER, "gateway": NAME}
    for route in TABLE:
        if route.name in ("events", "login", "lock", "logout", "oidc-logout", "discharge"):
            continue
        for path in paths(route):
            for body in [{}] if route.method == "GET" else bodies:
                options = {"params": query, "allow_redirects": False, **body}
                async with session.request(route.method, path, **options) as response:
                    answer = await response.read()
                    shown |= any(word in answer for word in TOLD)
    return shown


def holding(folder: Path) -> list[str]:
    """Files under `folder`, the database's excepted, that hold the patient."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(DATABASE)]
    return [str(path) for path in files if any(word in path.read_bytes() for word in TOLD)]


def in_database(folder: Path) -> bool:
    """Whether the search would find the patient where it has to be."""
    files = [path for path in folder.rglob("*") if path.name.startswith(DATABASE)]
    return any(TOLD[0] in path.read_bytes() for path in files)


@pytest.mark.sqlite_only("looks into the file")
async def test_nothing_that_anyone_asks_of_the_api_is_logged(
    controller: RunningController, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    # The controller runs without an access log: that of the test's own server is none of it.
    logging.getLogger("aiohttp.access").disabled = True
    shown = 0
    for role in (Role.NURSE, Role.ENGINEER, Role.ADMINISTRATOR, Role.AUDITOR):
        async with client(controller, role.value) as person:
            shown += await call_everything(person)
            if role is Role.NURSE:
                async with events(person) as stream:
                    shown += IDENTIFIER in json.dumps((await anext(stream))[2])
    assert shown >= 3  # the patient was there to be leaked
    logging.getLogger("controller").error("the log is being read")
    assert "the log is being read" in caplog.text
    assert [word for word in TOLD if word.decode() in caplog.text] == []
    assert holding(tmp_path) == []
    assert in_database(tmp_path)


@contextmanager
def running_process(folder: Path) -> Iterator[str]:
    """`wardlink controller run` with everything at its default. Gives its address."""
    config = folder / "controller.toml"
    ports = "".join(f"[{section}]\nport = 0\n" for section in ("http", "mqtt", "est"))
    config.write_text(f'[controller]\ndata = "data"\n{ports}[discovery]\ninterfaces = []\n')
    root = Path(__file__).parents[3]
    with (folder / "output.log").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, root / "wardlink.py", "controller", "run", config],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
    addresses = folder / "data" / "run" / "addresses.json"
    try:
        wait_for(addresses.exists, "the controller runs")
        yield json.loads(addresses.read_text())["http"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


async def prepared(folder: Path) -> None:
    """A ward, a bed, a nurse."""
    store, clock = await Store.open(folder / "data" / "wardlink.sqlite"), SystemClock()
    registry = Registry(store, Hub(clock, "test"), clock)
    await registry.load()
    await registry.add_ward("ward-a", "Ward A")
    await registry.add_bed("bed-1", "ward-a", "Bed 1")
    await set_password(store, clock, "nurse", PASSWORD, Role.NURSE)
    await store.close()


@pytest.mark.sqlite_only("looks into the file")
async def test_a_running_controller_writes_the_patient_nowhere_but_into_its_database(tmp_path: Path) -> None:
    await prepared(tmp_path)
    with running_process(tmp_path) as address:
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=address)
        async with aiohttp.ClientSession(address, cookie_jar=jar, headers={"Origin": address}) as nurse:
            login = {"user": "nurse", "password": PASSWORD}
            async with nurse.post("/api/login", json=login) as response:
                assert response.status == 204
            told = {"identifier": IDENTIFIER, "name": NAME}
            async with nurse.put("/api/beds/bed-1/patient", json=told) as response:
                assert response.status == 204
            assert await call_everything(nurse, BODIES[:1])
    assert b"the board is at" in (tmp_path / "output.log").read_bytes()
    assert holding(tmp_path) == []
    assert in_database(tmp_path)
