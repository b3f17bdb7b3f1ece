"""Drafts, what is signed, and how that goes on: one at a time, for ever, and withdrawn at once."""

import asyncio
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BadSignature, Conflict, NotFound, OrderError, Outdated, StoreError
from controller.imaging.sight import WHOLE, Sight
from controller.prescriptions.document import document
from controller.prescriptions.model import Issue, Known, Prescription, Quantity, Timing, amount, number, told
from controller.prescriptions.prescribing import Draft
from controller.prescriptions.states import RxState
from controller.registry import Patient
from controller.signing.canonical import canonical
from controller.stays import identify, unknown
from tests.support.prescriptions import ANNA, BEN, NINA, WANTED, Pharmacy, why


def known(rx: Prescription, over: int | None = None) -> Known:
    return Known(rx.number, rx.revision if over is None else over, WHOLE)


async def test_a_draft_is_changed_by_whoever_knows_its_newest_revision(here: Pharmacy) -> None:
    rx = await here.draft()
    assert (rx.number, rx.state, rx.revision, rx.prescriber) == ("RX00000001", "draft", 1, "anna")
    more = replace(WANTED, dose=Quantity("0.5", "{tablet}"))
    changes = (here.rx.prescribing.change(known(rx), Draft(more, "ward"), by) for by in (ANNA, BEN))
    first, second = await asyncio.gather(*changes, return_exceptions=True)
    assert isinstance(first, Prescription) != isinstance(second, Prescription)
    assert isinstance(first, Outdated) or isinstance(second, Outdated)
    held = await here.find(rx)
    assert (held.revision, held.wanted.dose) == (2, Quantity("0.5", "{tablet}"))


async def test_only_the_document_that_was_shown_is_signed_by_who_wrote_it(here: Pharmacy) -> None:
    rx = await here.draft()
    jws = here.keys.sign("anna", document(rx))
    with pytest.raises(Conflict, match="save it yourself"):
        await here.rx.prescribing.sign(known(rx), here.keys.sign("ben", document(rx)), BEN)
    other = document(replace(rx, wanted=replace(WANTED, dose=Quantity("2", "{tablet}"))))
    with pytest.raises(BadSignature):
        await here.rx.prescribing.sign(known(rx), here.keys.sign("anna", other), ANNA)
    changed = await here.rx.prescribing.change(known(rx), Draft(WANTED, "ward"), ANNA)
    with pytest.raises(Outdated):
        await here.rx.prescribing.sign(known(rx), jws, ANNA)
    with pytest.raises(BadSignature):  # of another revision, hence another document
        await here.rx.prescribing.sign(known(changed), jws, ANNA)
    signed = await here.sign(changed)
    assert (signed.state, signed.revision) == ("active", 3)
    [row] = await here.store.read("SELECT * FROM prescription_signed")
    assert row["document"].encode() == canonical(document(changed))
    assert [one["actor"] for one in await here.trail("prescription-signed")] == ["anna"]
    assert (await here.task(rx)).state == "requested"


async def test_of_two_who_sign_at_once_one_does(here: Pharmacy) -> None:
    rx = await here.draft()
    found = await asyncio.gather(here.sign(rx), here.sign(rx), return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["Outdated", "Prescription"]
    assert len(await here.rx.tasks.of(rx)) == 1


async def test_what_was_signed_does_not_change_and_another_dose_replaces_it(here: Pharmacy) -> None:
    rx = await here.signed()
    with pytest.raises(Conflict, match="write one that replaces it"):
        await here.rx.prescribing.change(known(rx), Draft(WANTED, "ward"), ANNA)
    for what in ("UPDATE prescription_signed SET document = '{}'", "DELETE FROM prescription_signed"):
        with pytest.raises(StoreError, match="what was signed stays"):
            await here.store.write(lambda db, what=what: db.execute(what))
    more = replace(WANTED, dose=Quantity("2", "{tablet}"))
    new = await here.signed(more, replaces=rx.number)
    assert (await here.find(rx)).state == "stopped"
    assert document(new)["priorPrescription"]["identifier"] == {"value": rx.number}
    assert [one.state for one in await here.rx.tasks.of(rx)] == ["cancelled"]
    with pytest.raises(Conflict, match="nothing to replace"):
        await here.draft(more, replaces=rx.number)


async def test_every_step_is_one_of_the_table_and_says_why(here: Pharmacy) -> None:
    rx = await here.draft()
    step = here.rx.prescribing.step
    with pytest.raises(Conflict, match="being signed"):
        await step(known(rx), RxState.ACTIVE, ANNA)
    rx = await here.sign(rx)
    with pytest.raises(OrderError, match="say why"):
        await step(known(rx), RxState.ON_HOLD, ANNA)
    rx = await step(known(rx), RxState.ON_HOLD, why(ANNA, "surgery"))
    with pytest.raises(Conflict, match="possible now is active, cancelled, entered-in-error, stopped"):
        await step(known(rx), RxState.COMPLETED, ANNA)
    rx = await step(known(rx), RxState.ACTIVE, ANNA)
    rx = await step(known(rx), RxState.CANCELLED, why(ANNA, "x"))
    assert rx.state == "cancelled"


async def test_a_withdrawal_reaches_pharmacy_and_what_is_on_its_way_at_once(here: Pharmacy) -> None:
    rx = await here.signed(replace(WANTED, repeats=1))
    _, begun = await here.handed_out(rx)
    rx = await here.find(rx)
    await here.rx.repeats.ask(known(rx), why(ANNA, "travels"))
    open_dispense = await here.begun(rx, "5")
    with pytest.raises(Conflict, match="stopped, not cancelled"):
        await here.rx.prescribing.step(known(rx), RxState.CANCELLED, why(ANNA, "x"))
    await here.rx.prescribing.step(known(rx), RxState.STOPPED, why(BEN, "allergic"))
    assert [one.state for one in await here.rx.tasks.of(rx)] == ["completed", "cancelled"]
    states = await here.store.read("SELECT state FROM rx_dispense ORDER BY id")
    assert [row[0] for row in states] == ["completed", "cancelled"]
    assert open_dispense.number == "MD00000002"
    [(found, _)] = await here.rx.deliveries.listed(WHOLE)
    assert (found.number, found.coming_back) == (begun.number, True)
    [notice] = await here.rx.notices.open("anna")
    assert (notice.kind, notice.detail) == ("changed", "allergic")


async def test_a_hint_of_high_severity_is_overridden_by_a_reason_that_is_signed(here: Pharmacy) -> None:
    here.checks.found = [Issue("allergy:metoprolol", "high", "allergic to metoprolol")]
    rx = await here.draft()
    with pytest.raises(Conflict, match="reason for each hint"):
        await here.sign(rx)
    draft = Draft(WANTED, "ward", reasons={"allergy:metoprolol": "a rash, once"})
    rx = await here.sign(await here.rx.prescribing.change(known(rx), draft, ANNA))
    [row] = await here.store.read("SELECT document FROM prescription_signed")
    content = json.loads(row[0])
    [issue] = [one for one in content["contained"] if one["resourceType"] == "DetectedIssue"]
    assert content["detectedIssue"] == [{"reference": f"#{issue['id']}"}]
    assert issue["mitigation"][0]["action"]["text"] == "a rash, once"


async def test_what_the_checks_find_after_the_draft_is_shown_before_it_is_signed(here: Pharmacy) -> None:
    rx = await here.draft()
    here.checks.found = [Issue("duplicate", "moderate", "another beta blocker")]
    with pytest.raises(Conflict, match="another beta blocker"):
        await here.sign(rx)


async def test_who_does_not_see_the_patient_learns_nothing(here: Pharmacy) -> None:
    rx = await here.signed()
    blind = Sight(frozenset({"4712"}))
    assert await here.rx.books.listed(blind) == []
    assert await here.rx.tasks.queue(blind) == []
    with pytest.raises(NotFound):
        await here.rx.books.find(rx.number, blind)
    with pytest.raises(NotFound):
        await here.rx.prescribing.step(Known(rx.number, 2, blind), RxState.STOPPED, why(BEN, "x"))
    assert (await here.rx.books.find(rx.number, blind, "anna")).number == rx.number


async def test_a_prescription_for_somebody_unknown_is_of_whoever_that_turns_out_to_be(here: Pharmacy) -> None:
    nobody = Patient(unknown("ride-1"), "unknown")
    await here.registry.admit("bed-1", nobody, "nina")
    draft = Draft(WANTED, "ward")
    rx = await here.rx.prescribing.draft(nobody, draft, WHOLE, ANNA)  # type: ignore[arg-type]
    rx = await here.sign(rx)
    stay = "SELECT * FROM stay WHERE to_ms IS NULL"
    bach = Patient("4713", "Bach, Carla")
    await here.store.write(lambda db: identify(db, db.execute(stay).fetchone(), bach))
    [held] = await here.rx.books.listed(Sight(frozenset({"4713"})))
    assert (held.identifier, held.subject) == ("4713", nobody.identifier)
    assert (await here.accepted(rx)).state == "accepted"  # what was signed still holds


@pytest.mark.parametrize(
    "timing",
    [
        Timing("per-day"),
        Timing("every"),
        Timing("at"),
        Timing("at", at=("20:00", "08:00")),
        Timing("as-needed", times=4),
        Timing("as-needed", reason="pain"),
    ],
)
async def test_a_timing_that_does_not_say_when_is_refused(here: Pharmacy, timing: Timing) -> None:
    with pytest.raises(OrderError, match="say when"):
        await here.draft(replace(WANTED, timing=timing))


async def test_a_wards_patient_may_choose_how_it_comes(here: Pharmacy) -> None:
    rx = await here.signed()
    chosen = await here.rx.prescribing.choose(known(rx), "pick-up", NINA)
    assert (chosen.delivery, chosen.state) == ("pick-up", "active")
    assert (await here.accepted(rx)).state == "accepted"  # it is no part of what was signed


@given(st.decimals("0.000001", "9999999.999999", places=6))
def test_an_amount_has_one_form_and_stays_exact_in_json(value: Decimal) -> None:
    text = amount(f"{value:f}")
    assert Decimal(text) == value
    assert amount(text) == text
    assert told(value) == text
    assert canonical(number(text)).decode() == text


@pytest.mark.parametrize(
    "text", ["", "0", "0.000", "-1", "1,5", "1e3", ".5", "5.", "٣", "12345678", "0.1234567"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(OrderError, match="decimal above 0"):
        amount(text)
