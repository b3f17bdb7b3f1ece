"""Who is an expert over HTTP: radiologists as physicians; and who looks after the directory."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from controller.identity.files import open_authority
from controller.security.permissions import Role
from tests.support.conferences import ALL, Board, board_at, case_of
from tests.support.controller import quick_passwords, running
from tests.support.home import at_home
from tests.support.http import client, get, refusal, status
from tests.support.prescribed import Prescriber, send
from tests.support.signers import Signer

RADIOLOGY: dict[str, Any] = {"display": "Dr. Ray", "specialities": ["394914008"], "hospital": "here"}


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    """A ward with rita, a radiologist, and ada, an administrator."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        roles = {"pia": Role.PHARMACIST, "ada": Role.ADMINISTRATOR, "rita": Role.RADIOLOGY}
        controller = await stack.enter_async_context(running(tmp_path, **roles))
        yield await board_at(await at_home(controller, stack))


async def session(board: Board, name: str) -> aiohttp.ClientSession:
    return await board.home.stack.enter_async_context(client(board.home.controller, name))


async def test_a_radiologist_is_an_expert_takes_part_and_signs(board: Board) -> None:
    rita = await Prescriber.of(await session(board, "rita"), Signer("rita"))
    await send(rita.session, "PUT", "/api/experts/me", 0, **RADIOLOGY)
    found = (await get(board.ben, "/api/experts", speciality="394914008"))["experts"]
    assert [one["actor"] for one in found] == ["rita"]
    made = await board.agreed({"actor": "rita", "part": "expert"})
    assert (await get(rita.session, "/api/waiting"))["conferences"] > 0
    await send(rita.session, "PUT", f"{ALL}/{made.number}/answer", answer="accepted")
    made = await board.step(await board.consent(made), "in-progress")
    await send(board.anna.session, "PUT", f"{ALL}/{made.number}/now", case=made.cases[0].id)
    made = await board.took_part(made, "rita")
    made = await board.concluded(made)
    assert "rita" in made.cases[0].missing
    made = await board.signed(made, rita)
    assert made.cases[0].conclusion is not None
    assert [one.actor for one in made.cases[0].conclusion.votes] == ["rita"]
    assert await status(rita.session, "POST", ALL, json={}) == 403  # to ask for one is the physicians'
    assert await status(rita.session, "GET", f"{case_of(made)}/file") == 200


async def test_who_looks_after_accounts_edits_the_directory_and_not_what_partners_see(
    board: Board,
) -> None:
    ada, path = await session(board, "ada"), "/api/experts/of/anna"
    first = await send(ada, "PUT", path, 0, **{**RADIOLOGY, "display": "Dr. A."}, for_partners=True)
    assert (first["revision"], first["profile"]["for_partners"]) == (1, False)
    anna = board.anna.session
    await send(anna, "PUT", "/api/experts/me", 1, **first["profile"] | {"for_partners": True})
    again = await send(ada, "PUT", path, 2, **{**RADIOLOGY, "display": "Dr. Anna"})
    assert again["profile"]["for_partners"] is True
    assert (await get(anna, "/api/experts/me"))["profile"]["display"] == "Dr. Anna"
    over = {"If-Match": '"0"'}
    for nobody in ("pia", "nobody"):
        told = await refusal(ada, "PUT", f"/api/experts/of/{nobody}", json=RADIOLOGY, headers=over)
        assert told == (404, "not-found")
    assert await status(anna, "GET", path) == 403


async def test_signed_conclusions_are_documents_of_the_patient_for_good(board: Board) -> None:
    made = await board.begun()
    for place, case in enumerate(made.cases):
        await send(board.anna.session, "PUT", f"{ALL}/{made.number}/now", case=case.id)
        made = await board.concluded(await board.consent(made, case=place), place)
        made = await board.signed(made, board.anna, place)
    closed = await board.step(made, "finished")
    assert closed.state == "fulfilled"
    long_ago = "UPDATE conference SET closed_ms = closed_ms - :by, ended_ms = ended_ms - :by"
    await board.home.controller.store.write(lambda db: db.execute(long_ago, {"by": 400 * 86_400_000}))
    entries = (await get(board.anna.session, "/api/fhir/DocumentReference", patient="4713"))["entry"]
    [held] = [one["resource"] for one in entries]
    assert (held["type"]["text"], held["docStatus"]) == ("Consult note", "final")
    assert held["identifier"][0]["value"].startswith(f"{closed.number}/")
    assert held["content"][0]["attachment"]["title"].startswith("Conclusion of a conference")
    [line] = (await get(board.anna.session, "/api/patients/4713/conclusions"))["conclusions"]
    assert (line["number"], line["conclusion"]) == (closed.number, "operate")
    other = await get(board.cara.session, "/api/fhir/DocumentReference", patient="4713")
    assert other.get("entry", []) == []
