"""Keys to sign with over HTTP: made after two proofs, one's own only, taken back by oneself or by others."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from controller.api.context import CONTEXT
from controller.api.signing_schemas import SigningKeyList, SigningKeyView, UnlockView
from controller.identity.files import open_authority
from controller.sections import LoginSection, SigningSection
from controller.security.cookie import COOKIE
from controller.security.permissions import Role
from controller.security.sessions import How
from controller.security.users import find_account
from controller.signing.model import Unlock
from controller.signing.verify import verify
from tests.support.controller import PASSWORD, RunningController, quick_passwords, running
from tests.support.http import client, get, refusal, status
from tests.support.signers import PHRASE, Signer

KEYS, UNLOCK = "/api/signing/keys", "/api/signing/unlock"
WRAP = {name: getattr(PHRASE, name) for name in type(PHRASE).__dataclass_fields__}
DOCUMENT = {"dose": {"value": 0.5, "unit": "mg"}, "for": "P1"}


@pytest.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    people = {
        "anna": Role.PHYSICIAN,
        "eve": Role.PHARMACIST,
        "nurse": Role.NURSE,
        "admin": Role.ADMINISTRATOR,
    }
    with quick_passwords():
        async with running(tmp_path, **people) as started:
            started.signing = SigningSection(unlock=frozenset(Unlock))
            started.login = LoginSection(lock_minutes={Role.PHARMACIST: 0})
            await started.stop()
            await started.start()
            yield started


async def asked(session: aiohttp.ClientSession, signer: Signer, **more: Any) -> dict[str, Any]:
    """What the page sends for a new key."""
    async with session.post("/api/signing/challenge") as response:
        challenge = (await response.json())["challenge"]
    return {"challenge": challenge, "proof": signer.prove(challenge), "wraps": [WRAP], **more}


async def made(session: aiohttp.ClientSession, signer: Signer) -> dict[str, Any]:
    async with session.post(KEYS, json=await asked(session, signer, password=PASSWORD)) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def test_a_person_gets_a_key_signs_and_anybody_can_check_it(controller: RunningController) -> None:
    anna, signatures = Signer("anna"), controller.app[CONTEXT].signatures
    async with client(controller, "anna") as session:
        view = await made(session, anna)
        assert SigningKeyView.model_validate(view).roles == ["physician"]
        told = await get(session, UNLOCK)
        UnlockView.model_validate(told)
        assert told["wraps"] == [WRAP]
        anna.x5c = told["x5c"]
        signed = await signatures.accept("anna", DOCUMENT, anna.sign(DOCUMENT, told["utc_s"]))
    root = open_authority(controller.store.folder / "ca", datetime.now(UTC)).root
    held = verify(signed.file(), [root])
    assert (held.name, held.roles, held.serial) == ("anna", ("physician",), view["serial"])


async def test_a_key_needs_the_password_besides_the_session(controller: RunningController) -> None:
    async with client(controller, "anna") as session:
        for proof, code in (({}, "proof-needed"), ({"password": "another password"}, "wrong-login")):
            body = await asked(session, Signer("anna"), **proof)
            assert await refusal(session, "POST", KEYS, json=body) == (401, code)
        key = await made(session, Signer("anna"))
        path = f"{KEYS}/{key['serial']}/wraps"
        assert await refusal(session, "PUT", path, json={"wraps": [WRAP]}) == (401, "proof-needed")
        assert await status(session, "PUT", path, json={"wraps": [WRAP], "password": PASSWORD}) == 204


async def test_a_key_of_another_or_without_its_private_half_gets_no_certificate(
    controller: RunningController,
) -> None:
    async with client(controller, "anna") as session:
        body = await asked(session, Signer("eve"), password=PASSWORD)
        assert await refusal(session, "POST", KEYS, json=body) == (400, "bad-signature")
        body = await asked(session, Signer("anna"), password=PASSWORD)
        body["proof"] = Signer("anna").prove("another challenge")
        assert await refusal(session, "POST", KEYS, json=body) == (400, "bad-signature")
        assert await refusal(session, "GET", UNLOCK) == (404, "not-found")


async def test_nobody_sees_or_changes_the_key_of_another(controller: RunningController) -> None:
    async with client(controller, "anna") as session:
        key = await made(session, Signer("anna"))
    async with client(controller, "eve") as session:
        assert (await get(session, KEYS))["keys"] == []
        assert await refusal(session, "GET", UNLOCK) == (404, "not-found")
        path = f"{KEYS}/{key['serial']}"
        assert await status(session, "PUT", f"{path}/revoked", json={"reason": "lost"}) == 404
        body = {"wraps": [WRAP], "password": PASSWORD}
        assert await status(session, "PUT", f"{path}/wraps", json=body) == 404
        assert await status(session, "GET", "/api/people/anna/signing") == 403
    async with client(controller, "nurse") as session:
        assert await status(session, "GET", KEYS) == 403
        assert await status(session, "POST", "/api/signing/challenge") == 403


async def test_oneself_or_an_administrator_takes_a_key_back(controller: RunningController) -> None:
    async with client(controller, "anna") as session:
        first = await made(session, Signer("anna"))
        answer = await session.put(f"{KEYS}/{first['serial']}/revoked", json={"reason": "lost"})
        assert (await answer.json())["state"] == "revoked"
        assert (
            await status(session, "PUT", f"{KEYS}/{first['serial']}/revoked", json={"reason": "lost"}) == 409
        )
        second = await made(session, Signer("anna"))
    async with client(controller, "admin") as session:
        others = "/api/people/anna/signing"
        told = SigningKeyList.model_validate(await get(session, others))
        states = {one.serial: one.state for one in told.keys}
        assert states == {second["serial"]: "active", first["serial"]: "revoked"}
        path = f"{others}/{second['serial']}/revoked"
        assert await status(session, "PUT", path, json={"reason": "tired"}) == 400
        answer = await session.put(path, json={"reason": "left"})
        [_, event] = (await answer.json())["history"]
        assert (event["by"], event["reason"]) == ("admin", "left")


async def test_each_unlocking_is_recorded(controller: RunningController) -> None:
    async with client(controller, "anna") as session:
        key = await made(session, Signer("anna"))
        await get(session, UNLOCK)
    rows = await controller.store.read("SELECT entry FROM audit WHERE entry LIKE '%\"signing-unlock\"%'")
    assert len(rows) == 1
    assert f"signing-key/{key['serial']}" in rows[0]["entry"]


async def test_who_comes_without_a_password_needs_a_login_just_now(controller: RunningController) -> None:
    await controller.store.write(lambda db: db.execute("UPDATE user SET password = NULL WHERE name = 'eve'"))
    account = await find_account(controller.store, "eve")
    assert account is not None
    async with client(controller) as session:
        token = await controller.app[CONTEXT].sessions.begin(account.user, How.PASSKEY)
        session.cookie_jar.update_cookies({COOKIE: token}, URL(controller.address))
        async with session.post(KEYS, json=await asked(session, Signer("eve"))) as response:
            assert response.status == 200
        body = await asked(session, Signer("eve"))
        controller.clock.let_pass(700)
        assert await refusal(session, "POST", KEYS, json=body) == (403, "login-again")
