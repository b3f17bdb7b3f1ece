"""API tokens: what they reach, what they do not, how they are made, and how they end."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from controller.api.logins import LOGINS
from controller.api.routes import TABLE
from controller.api.token_scopes import NEEDS, RESOURCES, TECHNICAL
from controller.registry import Patient
from controller.security.cookie import COOKIE
from controller.security.permissions import Permission, Role
from controller.security.scopes import INTERACTIONS, Scope, allows, parse_scopes
from controller.security.token_access import AT_ONCE, PER_S
from controller.security.tokens import LONGEST_DAYS, Wanted
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.http import client, events, get, refusal, status
from tests.support.people import TEST, accounts

pytestmark = pytest.mark.asyncio(loop_scope="module")
WHOLE = "system/*.cruds"
DAY_S = 86_400


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_controller(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningController]:
    people = {"nurse": Role.NURSE, "engineer": Role.ENGINEER, "boss": Role.ADMINISTRATOR}
    folder = tmp_path_factory.mktemp("tokens")
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        started = await stack.enter_async_context(running(folder, **people))
        await started.add_bed("bed-1", "Bed 1", ["ox-1"])
        await started.registry.admit("bed-1", Patient("P-1", "Ada"), "test")
        await started.registry.add_ward("ward-b", "Ward B")
        await started.registry.add_bed("bed-2", "ward-b", "Bed 2")
        await started.registry.admit("bed-2", Patient("P-2", "Bob"), "test")
        await add_people(started)
        yield started


async def add_people(controller: RunningController) -> None:
    """Administrators who are something else, too: `integrator` everywhere, `local` on ward A only."""
    both = [Role.ADMINISTRATOR, Role.PHYSICIAN]
    everything = [role for role in Role if role not in (Role.VIEWER, Role.CREW)]
    await accounts(controller).create("integrator", everything, None, TEST)
    await accounts(controller).create("local", both, ["ward-a"], TEST)
    for name in ("integrator", "local"):
        await accounts(controller).choose_password(name, PASSWORD, TEST)


@pytest.fixture
def controller(one_controller: RunningController) -> RunningController:
    """One for all tests; a minute later each time, so that no limit of another test is left."""
    one_controller.clock.let_pass(60)
    return one_controller


_numbers = iter(range(10_000))
_names: dict[str, str] = {}


async def made(controller: RunningController, scopes: str, days: int = 1, **more: Any) -> str:
    """A token of these scopes, made without asking anybody."""
    wanted = Wanted(f"token-{next(_numbers)}", parse_scopes(scopes), days, **more)
    text = await controller.app[LOGINS].tokens.make(wanted, "boss", "")
    _names[text] = wanted.name
    return text


@asynccontextmanager
async def program(controller: RunningController, token: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that is no browser: a token, no cookie, no Origin."""
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(controller.address, headers=headers) as session:
        yield session


def filled(path: str) -> str:
    path = path.replace("{path:.+}", "main.js")
    for name, value in (("bed", "bed-1"), ("device", "ox-1"), ("journal", "0" * 16)):
        path = path.replace(f"{{{name}}}", value)
    return re.sub(r"{\w+}", "1", path)


_AT_ONCE = 90
GUARDED = [route for route in TABLE if route.permission is not Permission.PUBLIC and route.name != "events"]
SINGLE = [Scope(resource, letter) for resource in RESOURCES for letter in INTERACTIONS]


async def answered(session: aiohttp.ClientSession, route: Any) -> tuple[int, str]:
    """The status, and for a refusal its code."""
    async with session.request(
        route.method, filled(route.path), json=None, allow_redirects=False
    ) as response:
        is_json = response.content_type == "application/json" and response.status >= 400
        return response.status, (await response.json())["error"]["code"] if is_json else ""


@pytest.mark.parametrize("part", [8, pytest.param(1, marks=pytest.mark.long)])
async def test_every_route_is_closed_to_every_scope_that_it_does_not_ask_for(
    controller: RunningController, part: int
) -> None:
    """All routes × all scopes of one letter, and all of them together.

    Every day each scope is tried at the routes that it opens and at one in `part` of the others, each route
    with several.
    """
    everything = frozenset(SINGLE)
    for turn, scopes in enumerate([*(frozenset({one}) for one in SINGLE), everything]):
        token = await made(controller, " ".join(map(str, scopes))) if len(scopes) < 33 else ""
        token = token or await made(controller, WHOLE)
        async with program(controller, token) as session:
            for number, route in enumerate(GUARDED, 1):
                reached = route.name in NEEDS and allows(scopes, NEEDS[route.name])
                if not reached and scopes != everything and (number + turn) % part:
                    continue
                code = await answered(session, route)
                refused = code == (403, "insufficient-scope") or code[0] == 302
                assert refused is not reached, (route.name, scopes, code)
                assert reached or code[0] in (302, 403)  # pages lead a person elsewhere
                if number % _AT_ONCE == 0:  # a token may ask for so many at once
                    controller.clock.let_pass(60)
            controller.clock.let_pass(60)
    assert controller.registry.beds["bed-1"].patient is None  # the last one could discharge
    await controller.registry.admit("bed-1", Patient("P-1", "Ada"), "test")


async def test_a_program_reads_what_its_token_is_for_and_changes_without_an_origin(
    controller: RunningController,
) -> None:
    async with program(controller, await made(controller, "system/Observation.s system/Device.us")) as ehr:
        assert [one["id"] for one in (await get(ehr, "/api/devices"))["devices"]] == ["ox-1"]
        assert await status(ehr, "GET", "/api/beds/bed-1/results") == 200
        assert await status(ehr, "PUT", "/api/devices/ox-1/bed", json={"bed": None}) == 204
        assert await status(ehr, "PUT", "/api/devices/ox-1/bed", json={"bed": "bed-1"}) == 204
        assert await refusal(ehr, "GET", "/api/beds/bed-1") == (403, "insufficient-scope")


async def test_a_refusal_names_the_scopes_that_are_needed(controller: RunningController) -> None:
    token = await made(controller, "system/Device.s")
    async with program(controller, token) as ehr, ehr.get("/api/wards") as response:
        challenge = response.headers["WWW-Authenticate"]
    assert challenge == 'Bearer error="insufficient_scope", scope="system/Location.s"'


async def test_a_token_shows_the_patients_of_its_wards_only(controller: RunningController) -> None:
    token = await made(controller, WHOLE, wards=frozenset({"ward-b"}))
    async with program(controller, token) as ehr:
        beds = (await get(ehr, "/api/snapshot"))["beds"]
        assert [bed["id"] for bed in beds] == ["bed-2"]
        assert await refusal(ehr, "GET", "/api/beds/bed-1") == (404, "not-found")
        assert await status(ehr, "GET", "/api/beds/bed-2") == 200


@pytest.mark.parametrize(
    "header",
    [
        "{0}",
        "bearer {0}",
        "Bearer  {0}",
        "Bearer {0} ",
        "Basic {0}",
        "Bearer {0}, Bearer {0}",
        "Bearer wl_" + "a" * 43,
        "Bearer wl_",
        "Bearer",
        "",
        "Bearer " + "wl_" + "é" * 43,
    ],
)
async def test_only_one_right_bearer_header_opens(controller: RunningController, header: str) -> None:
    token = await made(controller, "system/Device.s")
    async with aiohttp.ClientSession(controller.address) as session:
        sent = {"Authorization": header.format(token)}
        if not header.endswith(" "):  # a space at the end is no part of a header's value
            assert await refusal(session, "GET", "/api/devices", headers=sent) == (401, "invalid-token")
        sent = {"Authorization": f"Bearer {token}"}
        assert await status(session, "GET", "/api/devices", headers=sent) == 200


@pytest.mark.parametrize("where", ["?access_token={0}", "?token={0}", ""])
async def test_a_token_in_the_address_or_in_a_cookie_opens_nothing(
    controller: RunningController, where: str
) -> None:
    token = await made(controller, "system/Device.s")
    async with aiohttp.ClientSession(controller.address, cookies={COOKIE: token}) as session:
        path = "/api/devices" + where.format(token)
        assert await refusal(session, "GET", path) == (401, "not-logged-in")


async def test_a_cookie_beside_a_token_counts_for_nothing(controller: RunningController) -> None:
    """Else a weak token would do what the person may, without an Origin."""
    token = await made(controller, "system/Device.s")
    async with client(controller, "nurse") as nurse:
        sent = {"Authorization": f"Bearer {token}", "Origin": "http://evil.example"}
        assert await status(nurse, "DELETE", "/api/beds/bed-1/patient", headers=sent) == 403
        assert (await get(nurse, "/api/beds/bed-1"))["bed"]["patient"]["identifier"] == "P-1"


async def test_a_made_up_token_does_not_take_the_origin_s_place_at_the_login(
    controller: RunningController,
) -> None:
    async with client(controller) as page:
        sent = {"Authorization": "Bearer x", "Origin": "http://evil.example"}
        body = {"user": "nurse", "password": "x"}
        assert await refusal(page, "POST", "/api/login", headers=sent, json=body) == (403, "foreign-origin")


async def test_a_revoked_token_and_its_open_stream_end_at_once(controller: RunningController) -> None:
    scopes = "system/Device.rs system/Location.rs system/Observation.rs system/Patient.rs"
    token = await made(controller, scopes)
    name = _names[token]
    async with program(controller, token) as ehr, client(controller, "boss") as boss, events(ehr) as stream:
        assert (await anext(stream))[1] == "snapshot"
        assert await status(boss, "DELETE", f"/api/tokens/{name}") == 204
        with suppress(EOFError):  # as the end of a stream shows itself
            async for _, kind, _ in stream:
                assert kind == "time"
        assert await refusal(ehr, "GET", "/api/devices") == (401, "invalid-token")
        assert await refusal(boss, "DELETE", f"/api/tokens/{name}") == (404, "not-found")


async def test_a_token_ends_on_its_day(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await made(controller, "system/Device.s", days=2)
    now = controller.clock.utc_us()
    async with program(controller, token) as ehr:
        monkeypatch.setattr(controller.clock, "utc_us", lambda: now + (2 * DAY_S - 60) * 1_000_000)
        assert await status(ehr, "GET", "/api/devices") == 200
        monkeypatch.setattr(controller.clock, "utc_us", lambda: now + (2 * DAY_S + 1) * 1_000_000)
        assert await refusal(ehr, "GET", "/api/devices") == (401, "invalid-token")


def stopped(controller: RunningController, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Time stands still; the function lets some of it pass."""
    now = [controller.clock.now_us()]
    monkeypatch.setattr(controller.clock, "now_us", lambda: now[0])

    def let_pass(seconds: float) -> None:
        now[0] += int(seconds * 1_000_000)

    return let_pass


async def test_one_token_asks_so_often_and_another_is_not_held_up_by_it(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_pass = stopped(controller, monkeypatch)
    busy, calm = [await made(controller, "system/Device.s") for _ in range(2)]
    async with program(controller, busy) as one, program(controller, calm) as other:
        codes = [await status(one, "GET", "/api/devices") for _ in range(AT_ONCE)]
        assert set(codes) == {200}
        async with one.get("/api/devices") as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "1")
        assert await status(other, "GET", "/api/devices") == 200
        let_pass(1)
        codes = [await status(one, "GET", "/api/devices") for _ in range(PER_S + 1)]
        assert codes == [200] * PER_S + [429]


async def test_wrong_tokens_are_slowed_and_a_right_one_from_there_is_not(
    controller: RunningController, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_pass = stopped(controller, monkeypatch)
    let_pass(200)
    token = await made(controller, "system/Device.s")
    async with program(controller, "wl_" + "b" * 43) as wrong, program(controller, token) as right:
        codes = [await status(wrong, "GET", "/api/devices") for _ in range(21)]
        assert codes == [401] * 20 + [429]
        assert await status(right, "GET", "/api/devices") == 200
        let_pass(5)
        assert await status(wrong, "GET", "/api/devices") == 401
    controller.clock.let_pass(200)


NEW = {"name": "ehr", "scopes": "system/Observation.rs system/Patient.rs", "days": 90}


async def test_whoever_may_makes_a_token_which_is_shown_once_and_kept_as_a_hash(
    controller: RunningController,
) -> None:
    async with client(controller, "integrator") as boss, boss.post("/api/tokens", json=NEW) as response:
        token = (await response.json())["token"]
        assert re.fullmatch(r"wl_[A-Za-z0-9_-]{43}", token)
        assert response.headers["Cache-Control"] == "no-store"
        shown = (await get(boss, "/api/tokens"))["tokens"]
        assert await refusal(boss, "POST", "/api/tokens", json=NEW) == (409, "conflict")
    ehr = next(one for one in shown if one["name"] == "ehr")
    assert (ehr["state"], ehr["made_by"], ehr["used_utc_s"]) == ("valid", "integrator", None)
    assert ehr["expires_utc_s"] - ehr["made_utc_s"] == 90 * DAY_S
    files = [path.read_bytes() for path in controller.store.folder.glob("controller.db*")]
    assert all(token.encode() not in data for data in files)


async def test_the_last_use_of_a_token_is_shown(controller: RunningController) -> None:
    token = await made(controller, "system/Device.s")
    async with program(controller, token) as ehr:
        assert await status(ehr, "GET", "/api/devices") == 200
    held = next(one for one in await controller.app[LOGINS].tokens.all() if one.name == _names[token])
    assert held.used_utc_s is not None
    assert held.used_utc_s >= held.made_utc_s


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"days": 0}, 400),
        ({"days": LONGEST_DAYS + 1}, 400),
        ({"days": None}, 400),
        ({"scopes": "system/Observation.read"}, 400),
        ({"scopes": "system/Observaton.rs"}, 400),
        ({"scopes": ""}, 400),
        ({"name": "../a"}, 400),
        ({"name": "A b"}, 400),
        ({"name": "", "wards": None}, 400),
        ({"name": "lost", "wards": ["nowhere"]}, 404),
        ({"name": "none", "wards": []}, 400),
    ],
)
async def test_a_token_without_an_end_or_for_nothing_is_not_made(
    controller: RunningController, changed: dict[str, Any], code: int
) -> None:
    async with client(controller, "integrator") as boss:
        assert await status(boss, "POST", "/api/tokens", json=NEW | {"name": "other"} | changed) == code


async def test_an_engineer_makes_and_ends_only_what_reads_technical_things(
    controller: RunningController,
) -> None:
    name = _names[await made(controller, "system/Patient.r")]
    async with client(controller, "engineer") as engineer, client(controller, "nurse") as nurse:
        technical = {"name": "cmms", "scopes": "system/Device.rs system/Provenance.rs", "days": 365}
        assert await status(engineer, "POST", "/api/tokens", json=technical) == 200
        for scopes in ("system/Device.u", "system/Patient.r", "system/Device.rs system/*.s"):
            body = technical | {"name": "more", "scopes": scopes}
            assert await refusal(engineer, "POST", "/api/tokens", json=body) == (403, "not-allowed")
        assert await refusal(engineer, "DELETE", f"/api/tokens/{name}") == (403, "not-allowed")
        assert await status(engineer, "DELETE", "/api/tokens/cmms") == 204
        assert await status(nurse, "POST", "/api/tokens", json=technical | {"name": "n"}) == 403
        assert await status(nurse, "GET", "/api/tokens") == 403


async def test_who_sees_no_patient_makes_no_token_that_does(controller: RunningController) -> None:
    """An administrator would read all patients by it, and the trail would name a program."""
    shut = [
        *("system/Patient.r", "system/Observation.s", "system/Device.rs system/Observation.rs", "system/*.s"),
        *("system/AuditEvent.s", "system/Binary.r", "system/Device.u", "system/Encounter.c", WHOLE),
    ]
    async with client(controller, "boss") as boss, client(controller, "integrator") as both:
        for number, scopes in enumerate(shut):
            body = NEW | {"name": f"patients-{number}", "scopes": scopes}
            assert await refusal(boss, "POST", "/api/tokens", json=body) == (403, "beyond-yours"), scopes
            assert await status(both, "POST", "/api/tokens", json=body) == 200, scopes
        technical = NEW | {"name": "technical", "scopes": "system/Device.rs system/Provenance.rs"}
        assert await status(boss, "POST", "/api/tokens", json=technical) == 200
        assert await status(boss, "DELETE", "/api/tokens/patients-0") == 204  # anybody's ends at once


async def test_a_token_of_one_scope_reaches_no_route_that_is_shut_to_its_maker(
    controller: RunningController,
) -> None:
    permissions = {route.name: route.permission for route in TABLE}
    free = frozenset(Scope(resource, letter) for resource in TECHNICAL for letter in "rs")
    async with client(controller, "local") as local:
        may = set((await get(local, "/api/me"))["permissions"])
        made_some = False
        for number, scope in enumerate(SINGLE):
            body = {"name": f"single-{number}", "scopes": str(scope), "days": 1, "wards": ["ward-a"]}
            if await status(local, "POST", "/api/tokens", json=body) == 200:
                touched = {name for name, needs in NEEDS.items() if any(map(scope.touches, needs))}
                assert scope in free or {permissions[name] for name in touched} <= may
                made_some = made_some or scope not in free
        assert made_some


async def test_a_token_is_for_no_ward_that_its_maker_does_not_see(controller: RunningController) -> None:
    async with client(controller, "local") as local:
        for wards in (None, ["ward-b"], ["ward-a", "ward-b"], ["nowhere"]):
            body = NEW | {"name": "wards", "wards": wards}
            assert await refusal(local, "POST", "/api/tokens", json=body) == (403, "beyond-yours"), wards
        assert (
            await status(local, "POST", "/api/tokens", json=NEW | {"name": "w", "wards": ["ward-a"]}) == 200
        )


async def test_the_audit_trail_names_the_token_that_looked_and_who_made_and_ended_it(
    controller: RunningController,
) -> None:
    async with client(controller, "integrator") as boss:
        body = NEW | {"name": "seen", "scopes": WHOLE}
        async with boss.post("/api/tokens", json=body) as response:
            token = (await response.json())["token"]
        async with program(controller, token) as ehr:
            assert await status(ehr, "GET", "/api/beds/bed-1") == 200
            assert await status(ehr, "PUT", "/api/people/boss", json={}) == 403
        await status(boss, "DELETE", "/api/tokens/seen")
    rows = await controller.store.read("SELECT action, actor, patient, entry FROM audit ORDER BY number")
    trail = {(row["action"], row["actor"], row["patient"]) for row in rows}
    assert {
        ("token-made", "integrator", None),
        ("bed", "token:seen", "P-1"),
        ("token-revoked", "integrator", None),
    } <= trail
    assert all(token not in row["entry"] for row in rows)


async def test_no_person_can_have_a_name_that_looks_like_a_token_s(controller: RunningController) -> None:
    async with client(controller, "boss") as boss:
        body = {"name": "token:ehr", "roles": ["nurse"], "wards": ["ward-a"]}
        assert await status(boss, "POST", "/api/people", json=body) == 400
        assert await status(boss, "POST", "/api/people", json=body | {"name": "token-ehr"}) == 200


async def test_the_document_says_which_scopes_a_route_needs(controller: RunningController) -> None:
    async with program(controller, await made(controller, "system/Device.s")) as ehr:
        paths = (await get(ehr, "/api/openapi.json"))["paths"]
    assert paths["/api/devices"]["get"]["security"] == [{"session": []}, {"token": ["system/Device.s"]}]
    assert paths["/api/tokens"]["post"]["security"] == [{"session": []}]
    assert paths["/api/login"]["post"]["security"] == []
