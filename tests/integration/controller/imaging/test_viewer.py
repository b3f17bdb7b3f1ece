"""The viewer's files over HTTP: for whom the page is, what it may do, how long a browser keeps what."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from controller.imaging.errors import BadViewer
from controller.imaging.viewer.install import install
from controller.imaging.viewer.site import Viewer, pages_of
from controller.security.headers import add_security_headers
from controller.security.permissions import Permission, Role, permissions_of
from controller.security.sessions import State
from controller.security.users import User
from controller.view import View
from tests.unit.controller.imaging.viewer.test_install import BUNDLE, packed

BUNDLE_PATH = "/app.bundle.096daabbdde29bd851ab.js"


@dataclass(frozen=True)
class Session:
    """As the gate finds it."""

    user: User
    permissions: frozenset[Permission]
    view: View = field(default_factory=View)
    state: State = State.OPEN


def session(*roles: Role) -> Session:
    return Session(User("anna", frozenset(roles)), permissions_of(roles))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package, pin = packed(tmp_path)
    install(package, tmp_path / "ohif", pin)
    return tmp_path / "ohif"


@asynccontextmanager
async def opened(
    folder: Path, who: Session | None, home: str = ":8080"
) -> AsyncIterator[aiohttp.ClientSession]:
    """A client of a service with the viewer and one path of DICOMweb; `who` asks."""

    async def find(request: web.Request) -> Session | None:
        return who

    async def studies(request: web.Request) -> web.Response:
        return web.Response(text="[]")

    app = web.Application()
    pages_of(Viewer(folder, home), find)(app)
    app.router.add_get("/dicom-web/studies", studies)
    app.on_response_prepare.append(add_security_headers)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession(address, auto_decompress=False) as client:
            yield client
    finally:
        await runner.cleanup()


async def where_to(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path, allow_redirects=False) as response:
        assert response.status == 303
        return response.headers["Location"]


@pytest.mark.parametrize("path", ["/", "/viewer?StudyInstanceUIDs=1.2.3", "/viewer/wardlink", "/index.html"])
async def test_whoever_may_see_images_gets_the_page_at_each_of_its_paths(folder: Path, path: str) -> None:
    async with opened(folder, session(Role.NURSE)) as client, client.get(path) as response:
        assert response.status == 200
        assert "window.PUBLIC_URL" in await response.text()
        assert response.content_type == "text/html"


@pytest.mark.parametrize("path", ["/", "/viewer?StudyInstanceUIDs=%3Cscript%3E", "/index.html"])
async def test_a_stranger_is_led_to_the_login_and_whoever_lacks_the_permission_to_the_account(
    folder: Path, path: str
) -> None:
    async with opened(folder, None) as client:
        assert await where_to(client, path) == "http://127.0.0.1:8080/login"
    async with opened(folder, session(Role.PHARMACIST)) as client:
        assert await where_to(client, path) == "http://127.0.0.1:8080/account"


async def test_a_stranger_who_wanted_a_study_is_led_to_it_after_the_login(folder: Path) -> None:
    async with opened(folder, None) as client:
        led = await where_to(client, "/viewer?StudyInstanceUIDs=1.2.3")
        assert led == "http://127.0.0.1:8080/login?study=1.2.3"


async def test_a_session_that_is_locked_sees_no_page(folder: Path) -> None:
    locked = Session(User("anna", frozenset({Role.NURSE})), frozenset({Permission.WATCH}), state=State.LOCKED)
    async with opened(folder, locked) as client:
        assert await where_to(client, "/viewer") == "http://127.0.0.1:8080/account"


async def test_the_way_home_is_the_controllers_page_of_images(folder: Path) -> None:
    async with opened(folder, None, "https://wardlink.example") as client:
        assert await where_to(client, "/wardlink") == "https://wardlink.example/imaging"


async def test_the_page_may_run_only_its_own_scripts_and_speak_only_with_its_own_service(
    folder: Path,
) -> None:
    async with opened(folder, session(Role.NURSE)) as client, client.get("/") as response:
        policy = dict(one.split(" ", 1) for one in response.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["script-src"].startswith("'self' 'wasm-unsafe-eval' 'sha256-")
    assert "unsafe-inline" not in policy["script-src"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"


async def test_page_and_workers_are_isolated_so_that_they_may_share_memory(folder: Path) -> None:
    async with opened(folder, session(Role.NURSE)) as client:
        for path in ("/", BUNDLE_PATH):
            async with client.get(path) as response:
                assert response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
                assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
                assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_files_come_packed_to_whoever_takes_that_and_plain_to_others(folder: Path) -> None:
    async with opened(folder, None) as client:
        async with client.get(BUNDLE_PATH, headers={"Accept-Encoding": "gzip"}) as response:
            assert response.headers["Content-Encoding"] == "gzip"
            assert response.content_type == "text/javascript"
            assert gzip.decompress(await response.read()) == BUNDLE
        async with client.get(BUNDLE_PATH, headers={"Accept-Encoding": "identity"}) as response:
            assert "Content-Encoding" not in response.headers
            assert await response.read() == BUNDLE


async def test_what_never_changes_is_kept_and_what_may_change_is_asked_for_again(folder: Path) -> None:
    async with opened(folder, session(Role.NURSE)) as client:
        async with client.get(BUNDLE_PATH) as response:
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        for path in ("/", "/app-config.js"):
            async with client.get(path) as response:
                assert response.headers["Cache-Control"] == "no-cache"
                again = {"If-None-Match": response.headers["ETag"]}
            async with client.get(path, headers=again) as response:
                assert response.status == 304


@pytest.mark.parametrize(
    "path",
    [
        *("/viewer.json", "/app.js", "/..%2fviewer.json", "/%2e%2e/app.tgz", "/.env", f"{BUNDLE_PATH}.gz"),
        *("/dicom-web", "/dicom-web/nothing", "/%2fetc/passwd.txt"),
    ],
)
async def test_what_is_not_of_the_viewer_is_not_there(folder: Path, path: str) -> None:
    nurse = session(Role.NURSE)
    async with opened(folder, nurse) as client, client.get(path, allow_redirects=False) as response:
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "not-found"


async def test_the_service_of_images_itself_is_not_covered(folder: Path) -> None:
    async with opened(folder, None) as client, client.get("/dicom-web/studies") as response:
        assert await response.text() == "[]"


def test_a_folder_that_was_not_made_ready_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadViewer, match=r"python -m controller\.imaging\.viewer\.install"):
        Viewer(tmp_path, ":8080")
