"""Conferences of experts over HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner

from controller.api import conferences_files_schemas as files
from controller.api import conferences_schemas as schemas
from controller.api import experts_schemas as experts
from controller.api.routes import TABLE
from controller.identity.files import open_authority
from controller.security.permissions import GRANTS, Permission, Role
from controller.signing.rx import app as rx
from tests.support.conferences import ALL, Board, View, board_at, case_of, view
from tests.support.controller import quick_passwords, running
from tests.support.home import at_home
from tests.support.http import client, get, status
from tests.support.prescribed import send
from tests.support.visits import Sitting, sit


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await board_at(await at_home(controller, stack))


async def trail(board: Board) -> list[dict[str, Any]]:
    rows = await board.home.controller.store.read("SELECT entry FROM audit ORDER BY number")
    return [json.loads(row["entry"]) for row in rows]


async def why(session: aiohttp.ClientSession, method: str, path: str, **more: Any) -> str:
    """The words of a refusal of somebody who takes part: what is missing."""
    async with session.request(method, path, **more) as response:
        assert response.status == 409, await response.text()
        return (await response.json())["error"]["message"]


async def told(page: Sitting, last: str) -> list[str]:
    """The kinds of what a page is told, up to `last`, but for how the room stands."""
    kinds: list[str] = []
    async with page.told() as messages:
        async for _, message in messages:
            kinds += [message["kind"]] if message["kind"] != "room" else []
            if message["kind"] == last:
                break
    return kinds


async def seen(session: aiohttp.ClientSession, made: View) -> View:
    return view(await get(session, f"{ALL}/{made.number}"))


async def test_a_conference_is_asked_for_agreed_upon_held_signed_closed_and_on_the_record(
    board: Board, tmp_path: Path
) -> None:
    made = await board.begun()
    await board.consent(made)
    made = await board.took_part(made, "cara")
    made = await board.concluded(made)
    path = f"{ALL}/{made.number}/now"
    await send(board.anna.session, "PUT", path, case=made.cases[1].id)
    made = await board.concluded(await seen(board.anna.session, made), 1)
    for case in (0, 1):
        made = await board.signed(made, board.anna, case)
        made = await board.signed(
            made, board.cara, case, **({"stand": "differs", "words": "wait"} if case else {})
        )
    made = await board.step(made, "finished")
    assert made.state == "fulfilled"
    told = files.RecordAnswer.model_validate(await get(board.ben, "/api/patients/4714/conclusions"))
    [kept] = told.conclusions
    assert [(one.actor, one.stand, one.words) for one in kept.opinions] == [
        ("anna", "agrees", ""),
        ("cara", "differs", "wait"),
    ]
    signed = f"/api/patients/4714/conclusions/{kept.number}/{kept.case}/signed"
    async with board.ben.get(signed, params={"actor": "cara"}) as response:
        content = await response.read()
    assert b"wait" in content
    (tmp_path / "signed.json").write_bytes(content)
    root = ["--root", str(tmp_path / "ca" / "root.pem")]
    done = CliRunner().invoke(rx, ["verify", str(tmp_path / "signed.json"), *root])
    assert done.exit_code == 0 and "signed by cara" in done.stdout
    notices = schemas.ConferenceList.model_validate(await get(board.ben, ALL)).notices
    assert notices[0].kind == "closed"


async def test_who_was_not_asked_learns_of_none(board: Board) -> None:
    made = await board.agreed()
    dora = await board.home.stack.enter_async_context(client(board.home.controller, "dora"))
    for path in (f"{ALL}/{made.number}", f"{ALL}/MC99999999", f"{case_of(made)}/file"):
        assert await status(dora, "GET", path) == 404
    assert schemas.ConferenceList.model_validate(await get(dora, ALL)).conferences == []
    body = {"answer": "accepted"}
    assert await status(dora, "PUT", f"{ALL}/{made.number}/answer", json=body) == 404
    body = {"instance": "x" * 32}
    assert await status(dora, "POST", f"{ALL}/{made.number}/room/seats", json=body) == 404


async def test_who_has_not_accepted_reads_the_question_and_not_whose_it_is(board: Board) -> None:
    made = await board.asked()
    await board.consent(made)
    case = (await seen(board.cara.session, made)).cases[0]
    assert (case.question, case.patient, case.consent) == ("operate?", None, None)
    await send(board.cara.session, "PUT", f"{ALL}/{made.number}/answer", answer="accepted")
    case = (await seen(board.cara.session, made)).cases[0]
    assert case.patient and case.patient.identifier == "4713"


async def test_the_file_is_shown_with_the_patients_consent_alone_and_each_look_is_in_the_trail(
    board: Board,
) -> None:
    made = await board.agreed()
    item = await board.choose(made)
    look = f"{case_of(made)}/items/{item}"
    assert "nobody was asked" in await why(board.cara.session, "GET", look)
    assert (await seen(board.cara.session, made)).cases[0].patient is None
    await board.consent(made)
    told = files.ItemAnswer.model_validate(await get(board.cara.session, look))
    assert told.content == {"text": "history:\nnone"} and told.patient == "4713"
    looks = [one for one in await trail(board) if one["action"] == "conference-look"]
    assert [(one["actor"], one["patient"], one["entity"]) for one in looks if one["outcome"] == "done"] == [
        ("cara", "4713", f"conference/{made.number}/{made.cases[0].id}/document/{item}")
    ]
    await board.consent(made, "withdrawn")
    assert "it was withdrawn" in await why(board.cara.session, "GET", look)


async def test_being_asked_gives_no_sight_of_the_patient(board: Board) -> None:
    made = await board.agreed()
    await board.consent(made)
    item = await board.choose(made)
    assert await status(board.cara.session, "GET", f"{case_of(made)}/items/{item}") == 200
    for path in ("/api/patients/4713", "/api/patients/4713/conclusions"):
        assert await status(board.cara.session, "GET", path) == 404
    assert (await get(board.cara.session, "/api/prescriptions?patient=4713"))["prescriptions"] == []
    body = {"kind": "document", "title": "x", "what": {"text": "x"}}
    assert await status(board.cara.session, "POST", f"{case_of(made)}/items", json=body) == 404
    assert (
        await status(board.cara.session, "POST", f"{case_of(made)}/consents", json={"said": "permit"}) == 404
    )


async def test_nobody_asks_about_a_patient_whom_they_do_not_see(board: Board) -> None:
    body = {"title": "x", "start_ms": 2**41, "members": [{"actor": "cara", "part": "chair"}]}
    cases = [{"patient": "4713", "question": "?"}]
    assert await status(board.cara.session, "POST", ALL, json={**body, "cases": cases}) == 404


async def test_what_is_anothers_is_not_chosen_for_a_case(board: Board) -> None:
    made = await board.agreed()
    rx_ = await board.anna.signed("4714", setting="community", delivery="home")
    body = {"kind": "prescription", "title": "x", "what": {"number": rx_["number"]}}
    assert await status(board.ben, "POST", f"{case_of(made)}/items", json=body) == 404
    item = await board.choose(made, "prescription", 1, number=rx_["number"])
    await board.consent(made, case=1)
    told = await get(board.cara.session, f"{case_of(made, 1)}/items/{item}")
    assert told["content"]["number"] == rx_["number"]
    assert await status(board.cara.session, "GET", f"{case_of(made)}/items/{item}") == 409
    assert await status(board.cara.session, "GET", f"{case_of(made, 1)}/items/{item}/images") == 404


async def test_all_pages_follow_the_case_that_the_chair_shows(board: Board) -> None:
    made = await board.begun()
    page = await sit(board.cara.session, f"{ALL}/{made.number}/room")
    async with page.told() as messages:
        await send(board.anna.session, "PUT", f"{ALL}/{made.number}/now", case=made.cases[1].id)
        kinds = [(await anext(messages))[1] for _ in range(2)]
    assert {"kind": "conference", "revision": made.revision + 1} in kinds
    now = await seen(board.cara.session, made)
    assert [one.state for one in now.cases] == ["done", "now"]
    assert await status(board.cara.session, "PUT", f"{ALL}/{made.number}/now", json={"case": 1}) == 409


async def test_who_has_a_seat_took_part_and_the_room_closes_with_the_talk(board: Board) -> None:
    made = await board.begun()
    page = await sit(board.cara.session, f"{ALL}/{made.number}/room")
    async with page.told() as messages:
        made = await board.concluded(await seen(board.anna.session, made))
        assert made.cases[0].missing == ["anna", "cara"]
        made = await board.step(made, "finished")
        assert [number async for number, _ in messages] != []
    body = {"instance": "y" * 32}
    assert await status(board.cara.session, "POST", f"{ALL}/{made.number}/room/seats", json=body) == 409
    actions = [one["action"] for one in await trail(board)]
    assert "conference-room-joined" in actions and "conference-room-left" in actions


async def test_who_has_not_accepted_has_no_seat(board: Board) -> None:
    made = await board.agreed({"actor": "nina", "part": "presenter"})
    await board.step(made, "in-progress")
    path, body = f"{ALL}/{made.number}/room/seats", {"instance": "x" * 32}
    assert "answer first" in await why(board.home.nina, "POST", path, json=body)


async def test_one_asks_to_speak_and_only_the_chair_asks_to_be_quiet(board: Board) -> None:
    made = await board.begun()
    base = f"{ALL}/{made.number}/room"
    cara, anna = await sit(board.cara.session, base), await sit(board.anna.session, base)
    hush = {"to": 0, "body": {"k": "hush", "seat": anna.answer.seat}}
    await cara.say(1, {"to": 0, "body": {"k": "hand", "up": True}}, hush)
    await anna.say(1, {"to": 0, "body": {"k": "hush", "seat": cara.answer.seat}})
    assert await told(cara, "hush") == ["hand", "not-chair", "hush"]
    assert await told(anna, "hand") == ["hand"]


async def test_experts_say_of_themselves_what_others_search(board: Board) -> None:
    anna, path = board.anna.session, "/api/experts/me"
    mine = experts.OwnExpert.model_validate(await get(anna, path))
    assert (mine.revision, mine.profile) == (0, None) and len(mine.specialities) > 12
    says = {
        "display": "Dr. Anna",
        "specialities": ["394579002"],
        "hospital": "St. Mary",
        "zone": "Asia/Shanghai",
    }
    hours = [{"day": day, "from_min": 480, "to_min": 1020} for day in range(5)]
    await send(anna, "PUT", path, 0, **says, hours=hours)
    assert await status(anna, "PUT", path, json=says, headers={"If-Match": '"0"'}) == 412
    thursday = int(datetime(2026, 11, 26, 1, tzinfo=UTC).timestamp() * 1000)
    for query, found in (
        ("speciality=394579002", 1),
        ("speciality=394591006", 0),
        (f"at_ms={thursday}&minutes=60", 1),
        (f"at_ms={thursday + 12 * 3_600_000}&minutes=60", 0),
    ):
        told = experts.ExpertList.model_validate(await get(board.home.nina, f"/api/experts?{query}"))
        assert len(told.experts) == found
    assert await status(board.home.nina, "GET", path) == 403


async def test_a_notice_is_read_by_its_own_person_alone(board: Board) -> None:
    await board.asked()
    [notice] = schemas.ConferenceList.model_validate(await get(board.cara.session, ALL)).notices
    path = f"{ALL}/notices/{notice.id}/read"
    assert await status(board.ben, "PUT", path) == 404
    await send(board.cara.session, "PUT", path)
    assert schemas.ConferenceList.model_validate(await get(board.cara.session, ALL)).notices == []


async def test_a_page_asks_for_a_conference_again_only_when_there_is_something_else_to_see(
    board: Board,
) -> None:
    made = await board.agreed()

    async def mark() -> str:
        told = schemas.ConferenceList.model_validate(await get(board.cara.session, ALL))
        return told.conferences[0].mark

    marks = [await mark(), await mark()]
    assert marks[0] == marks[1]
    item = await board.choose(made)
    marks.append(await mark())
    await board.consent(made)
    marks.append(await mark())
    await send(board.ben, "DELETE", f"{case_of(made)}/items/{item}")
    marks.append(await mark())
    await board.step(made, "in-progress")
    marks.append(await mark())
    assert len(set(marks[1:])) == 5


async def test_a_signature_over_something_else_is_refused(board: Board) -> None:
    made = await board.took_part(await board.begun(), "cara")
    made = await board.concluded(made)
    at_s = (await get(board.cara.session, "/api/signing/unlock"))["utc_s"]
    body = {"stand": "agrees", "signature": board.cara.key.sign({"resourceType": "Bundle"}, at_s)}
    path, version = f"{case_of(made)}/conclusion/signature", {"If-Match": '"1"'}
    assert await status(board.cara.session, "PUT", path, json=body, headers=version) == 400
    made = await board.signed(made, board.cara)
    assert made.cases[0].missing == ["anna"]


def test_physicians_and_radiologists_hold_conferences_nurses_may_present_and_nobody_else() -> None:
    has = {role: {str(one) for one in GRANTS[role] if str(one).startswith("conferences:")} for role in Role}
    assert has.pop(Role.PHYSICIAN) == {"conferences:read", "conferences:hold", "conferences:request"}
    assert has.pop(Role.RADIOLOGY) == {"conferences:read", "conferences:hold"}
    assert has.pop(Role.NURSE) == {"conferences:read"}
    assert not any(has.values())
    mine = [route for route in TABLE if route.path.startswith(("/api/conferences", "/api/experts"))]
    wanted = {Permission.READ_CONFERENCES, Permission.HOLD_CONFERENCES, Permission.REQUEST_CONFERENCES}
    # Of their own permissions: recordings:…, people:manage, imaging:write.
    of_others = "/recording", "/api/experts/of", "/room/image/states"
    assert {one.permission for one in mine if not any(part in one.path for part in of_others)} == wanted
    kept = {one.permission for one in mine if one.path.startswith("/api/experts/of")}
    assert kept == {Permission.MANAGE_PEOPLE}
    assert {one.permission for one in mine if one.path.endswith("/image/states")} == {Permission.ADD_IMAGES}
