"""controller/conferences/{conclusions,standing,record}.py"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.conferences.conclusions import Elsewhere, Over, Stance, Written
from controller.conferences.model import Conference, Expert, Person
from controller.conferences.states import AnswerState, ConferenceState
from controller.errors import BadSignature, Conflict, NotFound, OrderError, Outdated, StoreError
from controller.identity.certificates import By
from controller.identity.files import open_authority
from controller.signing.canonical import canonical
from controller.signing.rx import app as rx
from tests.support.signers import Signer, receipt
from tests.unit.controller.conferences.conftest import ANNA, BEN, CARA, NINA, Council, known, member
from tests.unit.controller.conferences.test_directory import PROFILE

DORA, LI = By("dora", "10.0.0.4"), By("site:hospital-b/li")
DIFFERS = Stance("differs", "radiate first")


async def missing(council: Council, made: Conference) -> Sequence[tuple[str, ...]]:
    return [one.missing for one in await council.service.conclusions.standing(await council.find(made))]


async def test_the_chair_writes_and_each_expert_who_took_part_is_asked_to_sign(council: Council) -> None:
    made = await council.attended()
    over = await council.concluded(made)
    assert (await missing(council, made))[0] == ("anna", "cara")
    assert "to-sign" in await council.kinds("cara") and "to-sign" not in await council.kinds("anna")
    await council.sign(over, CARA)
    assert (await missing(council, made))[0] == ("anna",)
    [entry] = await council.ward.trail("conference-signed")
    assert (entry["patient"], entry["detail"]["stand"]) == ("4711", "agrees")


async def test_who_was_not_there_and_who_presents_is_not_asked(council: Council) -> None:
    made = await council.begun(member("dora"), member("nina", "presenter"))
    await council.service.conclusions.took_part(made.number, "nina", ANNA)
    over = await council.concluded(made)
    assert (await missing(council, made))[0] == ("anna",)
    for by in (CARA, DORA, NINA, BEN):
        with pytest.raises((Conflict, NotFound)):
            await council.sign(over, by)


async def test_who_had_a_seat_since_it_began_took_part(council: Council) -> None:
    made = await council.begun()

    async def sat(left_ms: int | None) -> None:
        row = made.number, left_ms
        await council.ward.store.write(
            lambda db: db.execute(
                """INSERT INTO room_seat (room, number, page, actor, name, part, at_ms, left_ms)
                VALUES (?, 1, x'00', 'cara', 'cara', 'staff', 0, ?)
                ON CONFLICT (room, number) DO UPDATE SET left_ms = excluded.left_ms""",
                row,
            )
        )

    await sat((made.began_ms or 0) - 1)
    assert (await missing(council, made))[0] == ("anna",)
    for left_ms in ((made.began_ms or 0) + 1, None):
        await sat(left_ms)
        assert (await missing(council, made))[0] == ("anna", "cara")


async def test_who_differs_signs_words_of_their_own(council: Council) -> None:
    over = await council.concluded(await council.attended())
    for stance in (Stance("differs", " "), Stance("agrees", "but")):
        with pytest.raises(OrderError, match="in which way"):
            await council.sign(over, CARA, stance)
    made = await council.sign(over, CARA, DIFFERS)
    [vote] = (await council.service.conclusions.standing(made))[0].votes
    assert (vote.actor, vote.stand, vote.words) == ("cara", "differs", "radiate first")
    assert "radiate first" in vote.document


async def test_what_was_told_to_be_signed_is_taken_though_the_clocks_moved_against_each_other(
    council: Council,
) -> None:
    over = await council.concluded(await council.attended())
    content = await council.service.conclusions.to_sign(over, DIFFERS, CARA)
    council.ward.clock.ahead_us += 2_000
    jws = council.ward.keys.sign("cara", content)
    made = await council.service.conclusions.sign(over, DIFFERS, jws, CARA)
    assert (await council.service.conclusions.standing(made))[0].votes


async def test_a_signature_over_something_else_is_none(council: Council) -> None:
    over = await council.concluded(await council.attended())
    conclusions, keys = council.service.conclusions, council.ward.keys
    content = await conclusions.to_sign(over, Stance("agrees"), CARA)
    other = {**content, "timestamp": "2020-01-01T00:00:00Z"}
    with pytest.raises(BadSignature):
        await conclusions.sign(over, Stance("agrees"), keys.sign("cara", other), CARA)
    with pytest.raises(BadSignature):
        await conclusions.sign(over, DIFFERS, keys.sign("cara", content), CARA)
    await conclusions.sign(over, Stance("agrees"), keys.sign("cara", content), CARA)


async def test_another_version_asks_everybody_again_and_keeps_what_was_signed(council: Council) -> None:
    made = await council.attended()
    first = await council.concluded(made)
    await council.sign(first, CARA)
    second = await council.concluded(made, 1)
    assert (await missing(council, made))[0] == ("anna", "cara")
    with pytest.raises(Outdated, match="version 2, not 1"):
        await council.sign(first, ANNA)
    await council.sign(second, CARA)
    rows = await council.ward.store.read("SELECT version FROM conference_signed ORDER BY version")
    assert [row["version"] for row in rows] == [1, 2]
    for table in ("conference_signed", "conference_conclusion"):
        with pytest.raises(StoreError, match="only grows"):
            await council.ward.store.write(lambda db, table=table: db.execute(f"DELETE FROM {table}"))


async def test_only_the_chair_and_the_scribe_write_and_only_of_what_was_spoken_about(
    council: Council,
) -> None:
    made = await council.step(await council.agreed(scribe="ben"), ConferenceState.IN_PROGRESS)
    over, written = Over(made.number, made.cases[0].id, 0), Written("wait", "")
    conclusions = council.service.conclusions
    with pytest.raises(Conflict, match="not spoken about"):
        await conclusions.write(over, written, BEN)
    await council.service.agenda.show(made.number, made.cases[0].id, ANNA)
    with pytest.raises(Conflict, match="expected the chair"):
        await conclusions.write(over, written, CARA)
    with pytest.raises(OrderError, match="say what is recommended"):
        await conclusions.write(over, Written(" ", ""), BEN)
    await conclusions.write(over, written, BEN)
    with pytest.raises(NotFound):
        await conclusions.write(over, written, DORA)


async def test_it_is_closed_when_all_have_signed_and_who_asked_is_told(council: Council) -> None:
    made = await council.attended()
    first, second = made.cases
    over = await council.concluded(made)
    await council.service.agenda.show(made.number, second.id, ANNA)
    other = Over(made.number, second.id, 0)
    await council.service.conclusions.write(other, Written("valve", ""), ANNA)
    made = await council.step(await council.find(made), ConferenceState.FINISHED)
    for by in (ANNA, CARA):
        await council.sign(over, by)
        made = await council.sign(replace(other, version=1), by)
    assert made.state is ConferenceState.FULFILLED and made.closed_ms is not None and first.id == over.case
    assert "closed" in await council.kinds("ben")
    assert await council.service.record.of("nobody") == []
    [kept] = await council.service.record.of("4711")
    assert (kept.conclusion, [one.actor for one in kept.opinions]) == ("operate", ["anna", "cara"])


async def test_the_chair_closes_it_without_somebody_and_says_why(council: Council) -> None:
    made = await council.attended()
    over = await council.concluded(made)
    await council.sign(over, CARA)
    with pytest.raises(Conflict, match="end the talk first"):
        await council.service.conclusions.close(known(await council.find(made)), ANNA)
    made = await council.step(await council.find(made), ConferenceState.FINISHED)
    assert await council.service.record.of("4711") == []
    with pytest.raises(OrderError, match="case 1: anna; case 2: anna, cara"):
        await council.service.conclusions.close(known(made), ANNA)
    with pytest.raises(Conflict, match="who leads"):
        await council.service.conclusions.close(known(made), replace(BEN, why="x"))
    made = await council.service.conclusions.close(known(made), replace(ANNA, why="second case: next week"))
    assert (made.state, made.closed_why) == ("fulfilled", "second case: next week")
    [notice] = [one for one in await council.service.notices.open("ben") if one.kind == "closed"]
    assert "case 1: anna" in notice.detail
    [kept] = await council.service.record.of("4711")
    assert kept.closed_why == "second case: next week"


async def test_nothing_is_concluded_before_it_begins_or_after_it_is_closed(council: Council) -> None:
    with pytest.raises(Conflict, match="nothing is concluded now"):
        await council.concluded(await council.agreed())


@pytest.fixture
async def abroad(council: Council) -> Over:
    """Li of another hospital took part; a conclusion is there."""
    expert = Expert(Person("hospital-b", "li"), PROFILE, 1, 0)
    await council.service.directory.learn("hospital-b", [expert], NINA)
    made = await council.requested(member("li", site="hospital-b"))
    for by in (ANNA, CARA, LI):
        made = await council.say(made, by, AnswerState.ACCEPTED)
    made = await council.step(made, ConferenceState.IN_PROGRESS)
    made = await council.service.agenda.show(made.number, made.cases[0].id, ANNA)
    await council.service.conclusions.took_part(made.number, LI.actor, ANNA)
    return await council.concluded(made)


async def test_an_expert_of_a_partner_signs_with_a_key_of_that_site_which_verifies_offline(
    council: Council, abroad: Over, tmp_path: Path
) -> None:
    ca, root = open_authority(tmp_path / "b", datetime.now(UTC)), tmp_path / "b" / "root.pem"
    at_s, li, agrees = int(datetime.now(UTC).timestamp()), Signer("li"), Stance("agrees")
    li.certify(tmp_path / "b", at_s, "physician")
    content = await council.service.conclusions.to_sign(abroad, agrees, LI)
    jws = li.sign(content, at_s)
    parts = {"document": content, "signature": jws, "receipt": receipt(tmp_path / "b", jws, at_s, "li")}
    take, roots = council.service.conclusions.take_signed, (ca.held.root,)
    changed = canonical({**parts, "document": {**content, "timestamp": "2020-01-01T00:00:00Z"}})
    with pytest.raises(BadSignature):
        await take(abroad, agrees, Elsewhere(changed, roots), LI)
    with pytest.raises(BadSignature):
        await take(abroad, DIFFERS, Elsewhere(canonical(parts), roots), LI)
    made = await take(abroad, agrees, Elsewhere(canonical(parts), roots), LI)
    [vote] = (await council.service.conclusions.standing(made))[0].votes
    assert (vote.actor, vote.signature) == (LI.actor, jws)
    kept = tmp_path / "signed.json"
    told = {"document": json.loads(vote.document), "signature": vote.signature, "receipt": vote.receipt}
    kept.write_bytes(canonical(told))
    done = CliRunner().invoke(rx, ["verify", str(kept), "--root", str(root)])
    assert done.exit_code == 0 and "signed by li (physician)" in done.stdout


async def test_a_partners_expert_is_no_other_of_that_name_here(council: Council, abroad: Over) -> None:
    made = await council.service.books.find(abroad.number, Person("hospital-b", "li"))
    for other in (Person("", "li"), Person("hospital-c", "li")):
        with pytest.raises(NotFound):
            await council.service.books.find(made.number, other)
