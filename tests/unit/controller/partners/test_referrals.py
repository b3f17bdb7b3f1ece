"""controller/partners/referrals.py, taking.py, consents.py, case.py, letters.py: there and back."""

from dataclasses import replace

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from controller.conferences.model import Person
from controller.errors import BadSignature, Conflict, NotFound, Outdated
from controller.identity.authority import new_authority
from controller.identity.certificates import By, moment
from controller.imaging.sight import WHOLE, Sight
from controller.partners import letters
from controller.partners.case import Known
from controller.partners.model import Referral
from controller.partners.outbox import Message, queue
from controller.partners.referrals import Wanted
from controller.partners.states import ReferralState
from controller.patients.model import Allergy, Measured, PatientFacts
from tests.support.fhir_documents import faults_of
from tests.support.sites import DAY_MS, Site
from tests.unit.controller.partners.conftest import Two

ANNA, BEN = By("anna", "10.0.0.2"), By("ben", "10.0.0.3")
"""Of hospital A, who refers; of hospital B."""
NOBODY = Sight(frozenset())


def known(a: Site) -> Known:
    at_ms = a.clock.now_us() // 1000
    allergy = Allergy(
        1, "91936005", "http://snomed.info/sct", "Penicillin", "high", "rash", "active", "anna", at_ms
    )
    weight = Measured(71.5, "kg", at_ms, "nina")
    facts = PatientFacts(
        *("4711", "Muster, Anna", "1950-03-07", "female", (allergy,), None, weight, None, None),
        ward="ward-a",
        revision=1,
    )
    medicine = {
        **{"resourceType": "MedicationRequest", "status": "active", "intent": "order"},
        **{"medicationCodeableConcept": {"text": "Metoprolol 50 mg"}, "subject": {"display": "Muster, Anna"}},
    }
    return Known(facts, (medicine,), None)


async def asked(a: Site, b: Site, expert: str = "") -> Referral:
    return await a.parts.referrals.ask(Wanted("hospital-b", "4711", expert, "stroke"), known(a), ANNA)


async def sent(a: Site, b: Site, expert: str = "") -> tuple[Referral, Referral]:
    """As both sides have it."""
    await a.consents(b)
    ours = await asked(a, b, expert)
    await a.deliver(b)
    [theirs] = await b.parts.referrals.listed(NOBODY, expert or "ben")
    return ours, theirs


async def test_without_consent_that_names_the_partner_nothing_goes_and_the_trail_knows(two: Two) -> None:
    a, b = two
    with pytest.raises(Conflict, match="nobody has asked"):
        await asked(a, b)
    await a.consents(b, said="deny")
    with pytest.raises(Conflict, match="denied"):
        await asked(a, b)
    await a.consents(b, days=1)
    a.clock.let_pass(2 * DAY_MS)
    with pytest.raises(Conflict, match="run out"):
        await asked(a, b)
    assert (await a.actions("refused")).count(("referral-requested", "anna")) == 3
    assert await a.rows("SELECT * FROM partner_sent") == []
    assert await a.rows("SELECT * FROM partner_referral") == []


async def test_the_case_arrives_as_a_copy_that_says_whose_it_is(two: Two) -> None:
    a, b = two
    ours, theirs = await sent(a, b)
    assert (theirs.number, theirs.patient, theirs.site, theirs.way) == (
        ours.number,
        "4711",
        "hospital-a",
        "in",
    )
    assert theirs.whose == "hospital-a:4711"
    case = (await b.parts.referrals.papers(theirs)).case
    found = [entry["resource"]["resourceType"] for entry in case["entry"]]
    assert found == [
        *("ServiceRequest", "Consent", "Patient", "AllergyIntolerance", "Observation", "MedicationRequest"),
        "Provenance",
    ]
    assert case["entry"][-1]["resource"]["agent"][0]["who"]["display"] == "anna (Hospital A)"
    assert case == (await a.parts.referrals.papers(ours)).case
    assert ("referral-received", "site:hospital-a/anna") in await b.actions()


async def test_it_is_accepted_and_the_patient_comes_back_with_a_signed_letter(two: Two) -> None:
    a, b = two
    ours, theirs = await sent(a, b)
    await b.parts.referrals.answer(theirs.id, theirs.revision, ReferralState.ACCEPTED, BEN)
    await b.deliver(a)
    accepted = await a.parts.referrals.find(ours.id, NOBODY, "anna")
    assert (accepted.state, accepted.changed_by) == (ReferralState.ACCEPTED, "site:hospital-b/ben")
    words = "Thrombectomy. <b>Goes home</b> soon."
    await b.parts.referrals.give_back(theirs.id, theirs.revision + 1, words, BEN)
    await b.deliver(a)
    back = await a.parts.referrals.find(ours.id, NOBODY, "anna")
    assert back.state is ReferralState.COMPLETED
    letter = (await a.parts.referrals.papers(back)).letter
    assert letter is not None
    assert "&lt;b&gt;Goes home" in letter["letter"]["entry"][0]["resource"]["text"]["div"]
    root = b.authority.root.public_bytes(Encoding.DER)
    letters.check(letter["letter"], letter["signature"], "ben", root)


async def test_a_letter_that_was_changed_or_is_anothers_is_none(two: Two) -> None:
    a, b = two
    _, theirs = await sent(a, b)
    letter = letters.discharge_letter(theirs, "ben", "Well.", 1_800_000_000_000, "Hospital B")
    signature = letters.sign(b.own.folder, letter, "ben", b.clock.utc_us())
    root = b.authority.root.public_bytes(Encoding.DER)
    other = new_authority(moment(b.clock.utc_us() // 1_000_000))[0].root.public_bytes(Encoding.DER)
    for wrong in (({**letter, "type": "x"}, "ben", root), (letter, "bea", root), (letter, "ben", other)):
        with pytest.raises(BadSignature):
            letters.check(wrong[0], signature, *wrong[1:])


async def test_a_forged_letter_is_refused_and_nothing_changes(two: Two) -> None:
    a, b = two
    ours, theirs = await sent(a, b)
    await b.parts.referrals.answer(theirs.id, theirs.revision, ReferralState.ACCEPTED, BEN)
    letter = letters.discharge_letter(theirs, "ben", "Well.", b.parts.book.utc_ms(), "Hospital B")
    body = {"number": ours.number, "by": "ben", "letter": letter, "signature": "a..b"}
    partner = await b.partner(a)
    await b.store.write(lambda db: queue(db, partner, Message("referral", "referral-returned", body), 1))
    await b.deliver(a)
    assert (await a.parts.referrals.find(ours.id, WHOLE, "")).state is ReferralState.ACCEPTED
    [(outcome, reason)] = await b.rows(
        "SELECT outcome, reason FROM partner_sent WHERE kind = 'referral-returned'"
    )
    assert outcome == "refused"
    assert "signature does not hold" in reason


async def test_a_consent_that_is_taken_back_hides_the_copy_there(two: Two) -> None:
    a, b = two
    _, theirs = await sent(a, b)
    await a.consents(b, said="withdrawn")
    await a.deliver(b)
    hidden = await b.parts.referrals.find(theirs.id, NOBODY, "ben")
    assert hidden.withdrawn_ms is not None
    with pytest.raises(Conflict, match="not shown any more"):
        await b.parts.referrals.papers(hidden)
    assert ("referral-copy-hidden", "site:hospital-a") in await b.actions()


async def test_a_consent_that_runs_out_hides_the_copy_there_by_itself(two: Two) -> None:
    a, b = two
    _, theirs = await sent(a, b)
    b.clock.let_pass(31 * DAY_MS)
    with pytest.raises(Conflict, match="not shown any more"):
        await b.parts.referrals.papers(theirs)


@pytest.mark.parametrize("how", ["withdrawn", "ended"])
async def test_what_has_not_left_does_not_leave_when_the_consent_is_gone(two: Two, how: str) -> None:
    a, b = two
    await a.consents(b, days=1)
    await asked(a, b)
    if how == "withdrawn":
        await a.consents(b, said="withdrawn")
    else:
        a.clock.let_pass(2 * DAY_MS)
    await a.deliver(b)
    assert await b.rows("SELECT * FROM partner_referral") == []
    assert await b.rows("SELECT kind FROM partner_received") == [("withheld",)]
    [(body, outcome)] = await a.rows("SELECT body, outcome FROM partner_sent")
    assert (orjson.loads(body)["kind"], outcome) == ("withheld", "withheld")


async def test_a_partner_cannot_send_a_case_that_lies_about_its_consent(two: Two) -> None:
    a, b = two
    await a.consents(b)
    ours = await asked(a, b)
    [(body,)] = await a.rows("SELECT body FROM partner_sent")
    told = orjson.loads(body)["body"]
    partner = await a.partner(b)
    for wrong in ({"until_ms": ours.until_ms + DAY_MS}, {"consent": "PC99999999"}, {"patient": "4712"}):
        lie = {**told, "number": "RF00000077", **wrong}
        await a.store.write(lambda db, lie=lie: queue(db, partner, Message("referral", "referral", lie), 1))
    await a.deliver(b)
    assert len(await b.rows("SELECT * FROM partner_referral")) == 1
    assert [row[0] for row in await a.rows("SELECT outcome FROM partner_sent ORDER BY id")] == [
        *("taken", "refused", "refused", "refused"),
    ]


@pytest.mark.on_both
async def test_who_lets_themselves_be_asked_no_more_is_asked_by_no_partner(two: Two) -> None:
    a, b = two
    await b.expert("li", "Dr. Li")
    await b.parts.teller.look()
    await b.deliver(a)
    li, directory = Person("", "li"), b.conferences.directory
    [known_there] = await directory.for_partners()
    await directory.say(li, replace(known_there.profile, for_partners=False), known_there.revision, By("li"))
    await a.consents(b)
    await asked(a, b, "li")
    await a.deliver(b)
    [(reason,)] = await a.rows("SELECT reason FROM partner_sent WHERE outcome = 'refused'")
    assert "nobody here called 'li'" in reason


async def test_a_referral_to_one_expert_is_that_ones_alone(two: Two) -> None:
    a, b = two
    await b.expert("li", "Dr. Li")
    with pytest.raises(Conflict, match="tells of no 'li'"):
        await a.consents(b)
        await asked(a, b, "li")
    await b.parts.teller.look()
    await b.deliver(a)
    _, theirs = await sent(a, b, "li")
    assert await b.parts.referrals.listed(WHOLE, "ben") == []
    with pytest.raises(NotFound):
        await b.parts.referrals.find(theirs.id, WHOLE, "ben")


async def test_nobody_is_referred_to_who_does_not_let_themselves_be_asked(two: Two) -> None:
    a, b = two
    await a.consents(b)
    ours = await asked(a, b)
    [(body,)] = await a.rows("SELECT body FROM partner_sent")
    partner, told = await a.partner(b), {**orjson.loads(body)["body"], "expert": "root"}
    await a.store.write(lambda db: queue(db, partner, Message("referral", "referral", told), 1))
    await a.deliver(b)
    assert [number for (number,) in await b.rows("SELECT number FROM partner_referral")] == [ours.number]


async def test_who_refers_takes_it_back_and_the_steps_are_each_sides_own(two: Two) -> None:
    a, b = two
    ours, theirs = await sent(a, b)
    with pytest.raises(Conflict, match="other site"):
        await a.parts.referrals.answer(ours.id, ours.revision, ReferralState.ACCEPTED, ANNA)
    with pytest.raises(Conflict, match="other site"):
        await b.parts.referrals.cancel(theirs.id, theirs.revision, replace(BEN, why="no bed"))
    with pytest.raises(Outdated):
        await a.parts.referrals.cancel(ours.id, 7, replace(ANNA, why="better"))
    await a.parts.referrals.cancel(ours.id, ours.revision, replace(ANNA, why="better"))
    await a.deliver(b)
    gone = await b.parts.referrals.find(theirs.id, NOBODY, "ben")
    assert (gone.state, gone.answer) == (ReferralState.CANCELLED, "better")
    with pytest.raises(Conflict, match="cannot become"):
        await b.parts.referrals.answer(gone.id, gone.revision, ReferralState.ACCEPTED, BEN)


async def test_our_own_are_seen_by_who_sees_the_patient_or_asked(two: Two) -> None:
    a, b = two
    ours, _ = await sent(a, b)
    assert await a.parts.referrals.listed(NOBODY, "carl") == []
    assert await a.parts.referrals.listed(Sight(frozenset({"4711"})), "carl") == [ours]
    assert await a.parts.referrals.listed(NOBODY, "anna") == [ours]


async def test_case_and_letter_are_fhir(two: Two) -> None:
    a, b = two
    ours, theirs = await sent(a, b)
    case = (await a.parts.referrals.papers(ours)).case
    letter = letters.discharge_letter(theirs, "ben", "Well.", b.parts.book.utc_ms(), "Hospital B")
    of_case, of_letter = faults_of([case, letter])
    nobody = "Bundle.entry: nobody refers to "  # as it has to be in a document, and a case is none
    assert not any(one for kind in of_case.values() for one in kind if not one.startswith(nobody)), of_case
    assert not any(of_letter.values()), of_letter
    assert x509.load_der_x509_certificate((await a.partner(b)).root) == b.authority.root
