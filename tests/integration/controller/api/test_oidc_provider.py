"""The login by a provider that others wrote, as a process of its own: oidc-provider-mock, on authlib."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from controller.sections import LoginSection, OidcSection
from controller.security.permissions import Role
from tests.support.broker_process import free_port
from tests.support.controller import RunningController, running
from tests.support.http import client, get, status

NURSE, PASSER_BY = "anna@hospital.example", "eve@elsewhere.example"


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    port = free_port()
    command = sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(60), aiohttp.ClientSession(address) as session:
            while True:
                with suppress(aiohttp.ClientConnectionError):
                    claims = {"preferred_username": "anna", "groups": ["ward-staff"]}
                    async with session.put(f"/users/{NURSE}", json=claims) as response:
                        assert response.status == 204
                    break
                await asyncio.sleep(0.1)
        yield address
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
async def controller(tmp_path: Path, issuer: str) -> AsyncIterator[RunningController]:
    async with running(tmp_path) as started:
        secret = tmp_path / "secret"
        secret.write_text("whatever it takes\n")
        secret.chmod(0o600)
        roles = {Role.NURSE: ["ward-staff"]}
        started.oidc = OidcSection(issuer=issuer, client_id="wardlink", secret_file=secret, roles=roles)
        started.login = LoginSection(address=started.address)
        await started.stop()
        await started.start()
        yield started


async def sign_in(browser: aiohttp.ClientSession, subject: str) -> str:
    """Through the provider's own form. Gives the address that it sends the browser back to."""
    async with browser.get("/oidc/login", allow_redirects=False) as response:
        form = response.headers["Location"]
    options = {"data": {"sub": subject}, "allow_redirects": False}
    async with aiohttp.ClientSession() as there, there.post(form, **options) as response:
        return response.headers["Location"]


async def test_its_person_is_in_its_code_opens_once_and_a_stranger_stays_out(
    controller: RunningController,
) -> None:
    async with client(controller) as browser:
        callback = await sign_in(browser, NURSE)
        assert await status(browser, "GET", callback) == 200
        me = await get(browser, "/api/me")
        assert (me["user"], me["roles"], me["state"]) == ("anna", ["nurse"], "open")
        async with browser.get(callback, allow_redirects=False) as replayed:
            assert replayed.headers["Location"] == "/login?refused=state"
    async with client(controller) as browser:
        async with browser.get(await sign_in(browser, PASSER_BY), allow_redirects=False) as response:
            assert response.headers["Location"] == "/login?refused=name"
        assert await status(browser, "GET", "/api/me") == 401
