"""A high-alert dose that one nurse gave: recorded as it was, loud, told, and seen afterwards by another."""

from dataclasses import replace

import pytest

from controller.errors import Conflict, NotFound, NotProved, OrderError, Outdated, Unstorable
from controller.imaging.sight import WHOLE, Sight
from controller.prescriptions.fhir import medication_administration
from controller.prescriptions.given import Alone, Given, Giving
from controller.prescriptions.model import Prescription, Timing
from controller.prescriptions.people import Proved
from controller.prescriptions.timing import Span
from controller.security.badges import Shown
from controller.security.permissions import Permission, Role
from tests.support.prescriptions import GTIN, METOPROLOL, NICK, NINA, WANTED, Pharmacy, code, over, why

EVERY_8_H = replace(WANTED, timing=Timing("every", hours=8))


async def high_alert(here: Pharmacy) -> tuple[Prescription, Giving]:
    """A dose that two people give, due now."""
    await here.record(METOPROLOL, GTIN, high_alert=True)
    rx = await here.signed(EVERY_8_H)
    return rx, Giving(rx.number, rx.signed_ms, "4711", code(), rx.wanted.dose)


async def given_alone(here: Pharmacy) -> tuple[Prescription, Given]:
    rx, what = await high_alert(here)
    alone = Alone("emergency", "", await here.enrol("nina"))
    return rx, await here.rx.rounds.give(replace(what, alone=alone), WHOLE, NINA)


async def test_only_who_gives_it_charts_by_a_proof_of_their_own_and_a_reason_that_nobody_saw_it(
    here: Pharmacy,
) -> None:
    _, what = await high_alert(here)
    nina, nick, give = await here.enrol("nina"), await here.enrol("nick"), here.rx.rounds.give
    for alone, error, words in (
        (Alone("emergency", "", Shown()), NotProved, "is nobody's"),
        (Alone("emergency", "", nick), Conflict, "badge or PIN of nina, who gives it"),
        (Alone("other", " ", nina), OrderError, "in words"),
    ):
        with pytest.raises(error, match=words):
            await give(replace(what, alone=alone), WHOLE, NINA)
    with pytest.raises(OrderError, match="got both"):
        await give(replace(what, alone=Alone("emergency", "", nina), witness=nick), WHOLE, NINA)
    made = await give(replace(what, alone=Alone("other", "the lift is stuck", nina)), WHOLE, NINA)
    assert (made.alone, made.alone_why, made.alone_how) == ("other", "the lift is stuck", "badge")
    assert (made.by, made.witness, made.seen_by) == ("nina", "", "")
    [line] = await here.trail("medication-charted")
    told = {"alone": "other", "because": "the lift is stuck", "proved": "badge", "witness": ""}
    assert told.items() <= line["detail"].items()


async def test_what_one_person_gives_by_right_is_not_charted_as_given_without_a_witness(
    here: Pharmacy,
) -> None:
    rx = await here.signed(EVERY_8_H)
    alone = Alone("emergency", "", await here.enrol("nina"))
    what = Giving(rx.number, rx.signed_ms, "4711", code(), rx.wanted.dose, alone=alone)
    with pytest.raises(OrderError, match="one person gives"):
        await here.rx.rounds.give(what, WHOLE, NINA)
    assert (await here.rx.rounds.give(replace(what, alone=None), WHOLE, NINA)).alone == ""


async def test_the_prescriber_and_the_pharmacy_are_told_at_once(here: Pharmacy) -> None:
    rx, made = await given_alone(here)
    [notice] = await here.rx.notices.open("anna")
    assert (notice.kind, notice.detail) == ("unwitnessed", "MA00000001 · nina · emergency")
    [told] = await here.rx.pharmacy_notices.listed(WHOLE)
    assert (told.kind, told.about, told.by, told.rx) == ("unwitnessed", made.number, "nina", rx.number)


async def test_another_looks_at_it_afterwards_once_and_is_no_witness(here: Pharmacy) -> None:
    rx, made = await given_alone(here)
    see = here.rx.afterwards.see
    nick, nina = Proved("nick", "pin", WHOLE), Proved("nina", "login", WHOLE)
    with pytest.raises(NotFound):
        await see(made.number, 1, nick._replace(sight=Sight(frozenset())), "")
    with pytest.raises(Conflict, match="another person than nina"):
        await see(made.number, 1, nina, "")
    with pytest.raises(Outdated):
        await see(made.number, 2, nick, "")
    here.later(2)
    seen = await see(made.number, 1, nick, "10.0.0.6")
    assert (seen.seen_by, seen.seen_how, seen.witness, seen.alone) == ("nick", "pin", "", "emergency")
    assert seen.seen_ms == made.given_ms + 2 * 3_600_000
    with pytest.raises(Conflict, match="nick has looked"):
        await see(made.number, 2, Proved("pia", "login", WHOLE), "")
    [line] = await here.trail("medication-seen-afterwards")
    assert (line["actor"], line["detail"]["administration"]) == ("nick", made.number)
    [item, *_] = await here.rx.rounds.of(["4711"], Span(0, 2**42))
    assert item.given == seen
    told = medication_administration(seen, rx, 0)
    assert [one["actor"]["display"] for one in told["performer"]] == ["nina"]
    notes = [one["text"] for one in told["note"]]
    assert "given without a witness: emergency" in notes
    assert any(one.startswith("seen afterwards by nick") and "no witness" in one for one in notes)


async def test_no_change_of_a_row_makes_a_witness_of_anybody(here: Pharmacy) -> None:
    _, made = await given_alone(here)
    await here.rx.afterwards.see(made.number, 1, Proved("nick", "login", WHOLE), "")
    for change in ("witness = 'nick'", "alone = ''", "seen_by = 'paul'"):
        with pytest.raises(Unstorable, match="nobody becomes a witness"):
            await here.store.write(lambda db, change=change: db.execute(f"UPDATE rx_given SET {change}"))


async def test_what_was_an_error_or_had_a_witness_is_not_looked_at_afterwards(here: Pharmacy) -> None:
    _, made = await given_alone(here)
    await here.rx.rounds.mistake(made.number, 1, WHOLE, why(NINA, "another patient"))
    with pytest.raises(Conflict, match="was an error"):
        await here.rx.afterwards.see(made.number, 2, Proved("nick", "login", WHOLE), "")


async def test_who_looks_at_it_on_anothers_screen_proves_who_that_is(here: Pharmacy) -> None:
    nick, pia = await here.enrol("nick"), await here.enrol("pia", Role.PHARMACIST)
    shown = here.rx.afterwards.shown
    assert (await shown(nick, Permission.ADMINISTER, "")).person == "nick"
    assert (await shown(pia, Permission.DISPENSE, "")).how == "badge"
    with pytest.raises(Conflict, match="permission rx:administer"):
        await shown(pia, Permission.ADMINISTER, "")
    with pytest.raises(NotProved):
        await shown(Shown("nick", pin="4713"), Permission.ADMINISTER, "")


async def test_in_the_pharmacy_nobody_does_without_the_second_check(here: Pharmacy) -> None:
    rx, _ = await high_alert(here)
    dispense = await here.scanned(await here.begun(rx))
    assert dispense.high_alert
    with pytest.raises(Conflict, match="second pharmacist"):
        await here.rx.dispensing.complete(over(dispense), "ward-a", NICK)
