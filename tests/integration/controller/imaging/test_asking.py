"""The controller alone says who sees whose images: asked over its socket by a service with its own gate."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import orjson
import pytest
from aiohttp import web
from yarl import URL

from controller.api.context import CONTEXT
from controller.api.logins import LOGINS
from controller.errors import StoreError
from controller.imaging import asking as module
from controller.imaging.answers import noted, told
from controller.imaging.asking import Asking
from controller.imaging.desk import Desk
from controller.imaging.errors import NoSuchImage
from controller.registry import Patient
from controller.security.cookie import COOKIE
from controller.security.gate import ACCESS, gate
from controller.security.permissions import Permission, Role
from controller.security.scopes import parse_scopes
from controller.security.tokens import Wanted
from tests.support.controller import RunningController, running
from tests.support.http import client, log_in


@asynccontextmanager
async def service(controller: RunningController, asking: Asking) -> AsyncIterator[str]:
    """A service that shows whose images one may see, behind the gate that asks the controller."""

    async def whose(request: web.Request) -> web.Response:
        access = request[ACCESS]
        await asking.saw(request, request.query.getall("patient", []), "study/1.2.3", "")
        sight = access.sight  # type: ignore[attr-defined]
        patients = None if sight.patients is None else sorted(sight.patients)
        return web.json_response({"patients": patients, "held": sight.held, "who": access.user.name})

    async def nothing(_request: web.Request) -> web.Response:
        raise NoSuchImage("there is no study 1.2.9")

    permissions = {
        "whose": Permission.READ_IMAGES,
        "add": Permission.ADD_IMAGES,
        "no": Permission.READ_IMAGES,
    }
    app = web.Application(middlewares=[told, noted(asking), gate(permissions, asking.find)])
    app.router.add_get("/whose", whose, name="whose")
    app.router.add_get("/nothing", nothing, name="no")
    app.router.add_post("/add", whose, name="add")
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Asked:
    """A controller with two wards, its desk, and a service that asks it."""

    def __init__(self, controller: RunningController, desk: Path, address: str) -> None:
        self.controller = controller
        self.desk = desk
        self.address = address

    def cookie(self, session: aiohttp.ClientSession) -> dict[str, str]:
        """The session's cookie as a browser sends it to every port of the host."""
        cookies = session.cookie_jar.filter_cookies(URL(self.controller.address))
        return {"Cookie": f"{COOKIE}={cookies[COOKIE].value}"}

    async def get(
        self, session: aiohttp.ClientSession, path: str = "/whose"
    ) -> tuple[int, dict[str, object]]:
        headers = self.cookie(session)
        async with (
            aiohttp.ClientSession() as fresh,
            fresh.get(self.address + path, headers=headers) as answer,
        ):
            return answer.status, await answer.json()

    async def trail(self, action: str) -> list[dict[str, object]]:
        rows = await self.controller.store.read("SELECT entry FROM audit ORDER BY number")
        entries = [orjson.loads(row[0]) for row in rows]
        return [entry for entry in entries if entry["action"] == action]


@pytest.fixture
async def asked(tmp_path: Path) -> AsyncIterator[Asked]:
    roles = {"nurse": Role.NURSE, "viewer": Role.VIEWER, "radiology": Role.RADIOLOGY}
    async with running(tmp_path, **roles) as controller:
        await controller.add_bed("bed-1", "1")
        await controller.registry.add_ward("ward-b", "Ward B")
        await controller.registry.add_bed("bed-9", "ward-b", "9")
        await controller.registry.admit("bed-1", Patient("4711", "Anna Muster"), "test")
        await controller.registry.admit("bed-9", Patient("4712", "Bert Beispiel"), "test")
        row = "INSERT INTO user_ward VALUES ('nurse', 'ward-a')"
        await controller.store.write(lambda db: db.execute(row))
        await controller.store.write(
            lambda db: db.execute("UPDATE user SET all_wards = 0 WHERE name = 'nurse'")
        )
        parts, path = controller.app[CONTEXT], tmp_path / "desk.sock"
        desk = Desk(path, parts, controller.app[LOGINS].tokens)
        asking = Asking(path, controller.clock)
        async with desk.open(), service(controller, asking) as address:
            yield Asked(controller, path, address)
            await asking.close()


async def test_a_nurse_sees_the_patients_on_the_beds_of_her_wards(asked: Asked) -> None:
    async with client(asked.controller, "nurse") as session:
        assert await asked.get(session) == (200, {"patients": ["4711"], "held": False, "who": "nurse"})


async def test_radiology_sees_everybody_and_who_is_in_doubt(asked: Asked) -> None:
    async with client(asked.controller, "radiology") as session:
        assert await asked.get(session) == (200, {"patients": None, "held": True, "who": "radiology"})


async def test_a_wall_screen_sees_no_image(asked: Asked) -> None:
    async with client(asked.controller, "viewer") as session:
        status, answer = await asked.get(session)
    assert (status, answer["error"]["code"]) == (403, "not-allowed")  # type: ignore[index]


async def test_nobody_without_a_session_is_let_in(asked: Asked) -> None:
    async with aiohttp.ClientSession() as fresh, fresh.get(asked.address + "/whose") as answer:
        assert answer.status == 401
    headers = {"Cookie": f"{COOKIE}=not-a-session"}
    async with (
        aiohttp.ClientSession() as fresh,
        fresh.get(f"{asked.address}/whose", headers=headers) as answer,
    ):
        assert answer.status == 401


async def test_who_logs_out_sees_nothing_at_once(asked: Asked) -> None:
    async with client(asked.controller, "nurse") as session:
        headers = asked.cookie(session)
        async with aiohttp.ClientSession() as fresh:
            async with fresh.get(f"{asked.address}/whose", headers=headers) as answer:
                assert answer.status == 200
            async with session.post("/api/logout") as answer:
                assert answer.status == 204
            await asyncio.sleep(0)
            async with asyncio.timeout(module.KEPT_S * 5):
                while True:
                    async with fresh.get(f"{asked.address}/whose", headers=headers) as answer:
                        if answer.status == 401:
                            return


async def test_a_patient_who_comes_to_the_ward_is_seen_a_second_later(asked: Asked) -> None:
    async with client(asked.controller, "nurse") as session:
        await asked.get(session)
        await asked.controller.registry.discharge("bed-1", "test")
        await asked.controller.registry.admit("bed-1", Patient("4713", "Carl Neu"), "test")
        asked.controller.clock.let_pass(module.KEPT_S)
        assert (await asked.get(session))[1]["patients"] == ["4713"]


async def test_a_foreign_page_cannot_send_images_with_somebodys_cookie(asked: Asked) -> None:
    async with client(asked.controller, "radiology") as session:
        headers = asked.cookie(session)
        for origin, status in ((asked.address, 200), ("https://evil.example", 403)):
            told = headers | {"Origin": origin}
            async with (
                aiohttp.ClientSession() as fresh,
                fresh.post(f"{asked.address}/add", headers=told) as answer,
            ):
                assert answer.status == status


async def test_who_is_shown_a_patients_study_is_in_the_trail_once_a_minute(asked: Asked) -> None:
    async with client(asked.controller, "nurse") as session:
        for _ in range(3):
            assert (await asked.get(session, "/whose?patient=4711"))[0] == 200
        [entry] = await asked.trail("whose")
        assert (entry["actor"], entry["patient"], entry["entity"]) == ("nurse", "4711", "study/1.2.3")
        assert entry["where"] == "127.0.0.1"
        asked.controller.clock.let_pass(module.SEEN_ONCE_S + 1)
        await log_in(asked.controller, session, "nurse")
        await asked.get(session, "/whose?patient=4711")
        assert len(await asked.trail("whose")) == 2


async def test_a_look_for_what_is_not_to_be_seen_is_in_the_trail(asked: Asked) -> None:
    async with client(asked.controller, "nurse") as session:
        assert (await asked.get(session, "/nothing"))[0] == 404
    await asked.controller.app[CONTEXT].trail.stop()
    [entry] = await asked.trail("no")
    assert (entry["outcome"], entry["entity"], entry["detail"]) == (
        "refused",
        "path/nothing",
        {"code": "NoSuchImage"},
    )


async def test_a_program_does_what_its_scopes_say(asked: Asked) -> None:
    tokens = asked.controller.app[LOGINS].tokens
    reads = await tokens.make(Wanted("pacs", parse_scopes("system/ImagingStudy.rs"), 1), "boss", "")
    sends = await tokens.make(Wanted("ct", parse_scopes("system/ImagingStudy.c"), 1), "boss", "")
    results = {}
    async with aiohttp.ClientSession() as session:
        for name, token in (("reads", reads), ("sends", sends), ("unknown", "wl_" + "x" * 43)):
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get(f"{asked.address}/whose", headers=headers) as answer:
                got = answer.status
            async with session.post(f"{asked.address}/add", headers=headers) as answer:
                results[name] = got, answer.status
    assert results == {"reads": (200, 403), "sends": (403, 200), "unknown": (401, 401)}


async def test_while_the_controller_is_away_nobody_sees_anything(asked: Asked) -> None:
    gone = Asking(asked.desk.with_name("nobody.sock"), asked.controller.clock)
    async with service(asked.controller, gone) as address:
        headers = {"Cookie": f"{COOKIE}=any"}
        async with aiohttp.ClientSession() as fresh, fresh.get(f"{address}/whose", headers=headers) as answer:
            assert answer.status == 503
    with pytest.raises(StoreError, match="does not answer"):
        await gone._ask({"ask": "access"})


async def test_the_desk_is_its_owners_alone(asked: Asked) -> None:
    assert os.stat(asked.desk).st_mode & 0o777 == 0o600  # noqa: PTH116


async def test_the_archive_can_ask_for_the_names_of_those_whom_the_hospital_knows(asked: Asked) -> None:
    await asked.controller.registry.admit("bed-9", Patient("4712", "Bert Anders"), "test")
    asking = Asking(asked.desk, asked.controller.clock)
    try:
        known = await asking.names(frozenset({"4711", "4712", "0815"}))
    finally:
        await asking.close()
    assert known == {"4711": "Anna Muster", "4712": "Bert Anders"}
