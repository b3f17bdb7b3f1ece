"""controller/partners/papers.py, case.py, bundles.py: results, signed reports and pictures of a referral."""

import base64
import json
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BadBundle, Conflict
from controller.partners.bundles import jpeg_of, resources
from controller.partners.consents import WORDS
from controller.partners.outbox import Message, queue
from controller.partners.papers import MOST_PICTURES, Study, chosen, papers_of
from controller.partners.referrals import Wanted
from tests.support.fhir_documents import faults_of
from tests.support.sites import Site
from tests.unit.controller.partners.conftest import Two
from tests.unit.controller.partners.test_referrals import ANNA, NOBODY, known

JPEG = b"\xff\xd8\xff\xe0a picture"
_EVENT = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (0, (SELECT count(*) FROM device_event), 0, 0, 0, ?, 'gw-a', 'analyser-1', 'lab-result', ?)"""
HEAD = Study("1.2.3", "CT", "Head", "2026-11-02", 40, [JPEG, JPEG + b" too"])


async def measured(a: Site, patient: str = "4711") -> None:
    """A result of the laboratory: potassium, too high."""
    told = {"patient": patient, "text": "Potassium", "value": 5.9, "unit": "mmol/L", "range": "3.5-5.1"}
    event = a.clock.now_us(), json.dumps(told)
    await a.store.write(lambda db: db.execute(_EVENT, event))


async def test_pictures_results_and_what_there_is_of_each_study_go_along(two: Two) -> None:
    a, b = two
    await measured(a)
    await measured(a, "4712")
    await a.consents(b)
    papers = await papers_of(a.store, "4711", 0, 0)
    along = replace(known(a), papers=papers, studies=(HEAD,))
    await a.parts.referrals.ask(Wanted("hospital-b", "4711", "", "stroke"), along, ANNA)
    await a.deliver(b)
    [theirs] = await b.parts.referrals.listed(NOBODY, "ben")
    case = (await b.parts.referrals.papers(theirs)).case
    found = resources(case)
    [potassium] = [one for one in found if one.get("code", {}).get("text") == "Potassium"]
    assert potassium["valueQuantity"] == {"value": 5.9, "unit": "mmol/L"}
    assert potassium["referenceRange"] == [{"text": "3.5-5.1"}]
    [study] = [one for one in found if one["resourceType"] == "ImagingStudy"]
    assert (study["description"], study["numberOfInstances"]) == ("Head", 40)
    assert [jpeg_of(one) for one in found if one["resourceType"] == "Media"] == HEAD.jpegs
    of_others = [entry for entry in case["entry"] if entry["resource"] is not potassium]
    [faults] = faults_of([{**case, "entry": of_others}])
    assert not any(faults[name] for name in ("schema", "fhir", "medplum")), faults


async def test_pictures_need_a_consent_whose_words_speak_of_images(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = two
    earlier = {language: words.replace("images and ", "") for language, words in WORDS.items()}
    monkeypatch.setattr("controller.partners.consents.WORDS", earlier)
    await a.consents(b)
    wanted = Wanted("hospital-b", "4711", "", "stroke")
    with pytest.raises(Conflict, match="does not speak of images"):
        await a.parts.referrals.ask(wanted, replace(known(a), studies=(HEAD,)), ANNA)
    assert await a.rows("SELECT * FROM partner_sent") == []
    await a.parts.referrals.ask(wanted, known(a), ANNA)


async def test_what_is_no_picture_is_not_taken_as_one(two: Two) -> None:
    a, b = two
    await a.consents(b)
    along = replace(known(a), studies=(HEAD,))
    await a.parts.referrals.ask(Wanted("hospital-b", "4711", "", "stroke"), along, ANNA)
    [(body,)] = await a.rows("SELECT body FROM partner_sent")
    told, partner = orjson.loads(body)["body"], await a.partner(b)
    for place, entry in enumerate(told["case"]["entry"]):
        if entry["resource"]["resourceType"] == "ServiceRequest":
            entry["resource"]["identifier"] = [{"value": "RF00000077"}]
        if entry["resource"]["resourceType"] == "Media":
            content = {"contentType": "image/jpeg", "data": base64.b64encode(b"<svg onload=x>").decode()}
            told["case"]["entry"][place]["resource"]["content"] = content
    forged = {**told, "number": "RF00000077"}
    await a.store.write(lambda db: queue(db, partner, Message("referral", "referral", forged), 1))
    await a.deliver(b)
    outcomes = await a.rows("SELECT outcome, reason FROM partner_sent ORDER BY id")
    assert [outcome for outcome, _ in outcomes] == ["taken", "refused"]
    assert "JPEG" in outcomes[1][1]


@given(st.recursive(st.none() | st.text() | st.integers(), lambda of: st.dictionaries(st.text(), of)))
def test_a_picture_of_a_stranger_is_a_jpeg_or_refused(content: object) -> None:
    with pytest.raises(BadBundle):
        jpeg_of({"resourceType": "Media", "content": content})


@given(st.integers(0, 5000), st.integers(0, MOST_PICTURES))
def test_frames_are_spread_from_the_first_to_the_last(count: int, most: int) -> None:
    places = chosen(count, most)
    assert len(places) == min(count, most) == len(set(places))
    assert places == sorted(places) and all(0 <= one < count for one in places)
    if most > 1 and count > 1:
        assert (places[0], places[-1]) == (0, count - 1)
