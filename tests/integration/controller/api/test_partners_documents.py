"""What was concluded before goes along with a referral: chosen, consented to, and shown while the copy is."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from controller.partners.consents import WORDS
from tests.integration.controller.api.test_partners import trail
from tests.integration.controller.api.test_visit_notes import begun, ended, signed, written
from tests.support.conferences import board_at
from tests.support.hospitals import CONSENTS, REFERRALS, Two, hospitals
from tests.support.http import get, refusal, status
from tests.support.prescribed import send

CHOICES = "/api/referral-documents"
EARLIER = "I agree that this hospital sends results, images and documents to {name}."


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    async with hospitals(tmp_path) as made:
        await made.agreed()
        yield made


async def concluded(two: Two) -> None:
    """Anna and cara have signed a conclusion of 4713; the conference is closed."""
    board = await board_at(two.a.home)
    made = await board.begun()
    await board.consent(made)
    made = await board.concluded(await board.took_part(made, "cara"))
    for who in (board.anna, board.cara):
        made = await board.signed(made, who)
    made = await board.step(made, "finished")
    if made.state != "fulfilled":
        await board.step(made, "fulfilled", "the other case was not spoken about")


async def referred(two: Two, chosen: list[str]) -> dict[str, Any]:
    """As the partner is shown it."""
    body = {"patient": "4713", "site": "hospital-b", "reason": "stroke", "documents": chosen}
    made = await send(two.a.anna, "POST", REFERRALS, **body)
    await two.a.deliver(two.b)
    number = (await two.b.referrals()).referrals[0].id
    assert made["referral"]["number"] == "RF00000001"
    return await get(two.b.anna, f"{REFERRALS}/{number}")


async def test_a_signed_summary_and_a_conclusion_go_along_if_they_are_chosen(two: Two) -> None:
    await concluded(two)
    visit = await begun(two.a.home)
    await written(two.a.home, visit)
    await signed(two.a.home, visit, todo="Rest")
    await ended(two.a.home, visit)
    told = (await get(two.a.anna, CHOICES, patient="4713"))["documents"]
    assert sorted(one["by"] for one in told) == [["anna"], ["anna", "cara"]]
    await two.a.consent(two.b)
    shown = await referred(two, [one["id"] for one in told])
    sent = [one["resource"] for one in shown["case"]["entry"]]
    documents = [one for one in sent if one["resourceType"] == "DocumentReference"]
    assert [one["identifier"][0]["value"] for one in documents] == [one["id"] for one in told]
    for one in documents:
        assert one["subject"]["identifier"]["value"] == "4713"
        held = json.loads(base64.b64decode(one["content"][0]["attachment"]["data"]))
        assert held["entry"][0]["resource"]["resourceType"] == "Composition"
    await send(two.a.anna, "POST", CONSENTS, patient="4713", site="hospital-b", said="withdrawn", until_ms=0)
    await two.a.deliver(two.b)
    number = (await two.b.referrals()).referrals[0].id
    assert (await get(two.b.anna, f"{REFERRALS}/{number}"))["case"] is None


async def test_nothing_goes_that_was_not_chosen_or_is_not_spoken_of_in_the_consent(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    await concluded(two)
    [one] = (await get(two.a.anna, CHOICES, patient="4713"))["documents"]
    assert await status(two.a.home.pia, "GET", f"{CHOICES}?patient=4713") == 403
    assert await refusal(two.a.anna, "GET", f"{CHOICES}?patient=none") == (404, "not-found")
    await two.a.consent(two.b)
    body: dict[str, Any] = {"patient": "4713", "site": "hospital-b", "reason": "stroke"}
    body["documents"] = [one["id"], "TV00000099/1"]
    assert await refusal(two.a.anna, "POST", REFERRALS, json=body) == (404, "not-found")
    with monkeypatch.context() as earlier:
        earlier.setitem(cast(dict[str, str], WORDS), "en", EARLIER)
        await two.a.consent(two.b)
    body["documents"] = [one["id"]]
    assert await refusal(two.a.anna, "POST", REFERRALS, json=body) == (409, "conflict")
    shown = await referred(two, [])
    assert "DocumentReference" not in [each["resource"]["resourceType"] for each in shown["case"]["entry"]]
    asked = [each for each in await trail(two.a) if each["action"] == "referral-requested"]
    assert len(asked) == 1
