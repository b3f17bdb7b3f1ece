"""controller/partners/hygiene.py: old content goes, and what was refused is tried again."""

import orjson
import pytest

from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.partners.contacts import refused_there
from controller.partners.hygiene import purge, try_again
from controller.partners.outbox import Message, again, queue
from tests.support.database import without_trigger
from tests.support.sites import DAY_MS, Site
from tests.unit.controller.partners.conftest import Two
from tests.unit.controller.partners.test_referrals import asked, sent

ADA = By("ada", "10.0.0.1")
STATES = "SELECT number, kind, outcome, purged_ms IS NOT NULL FROM partner_sent ORDER BY id"


async def refused(a: Site, b: Site) -> int:
    """The id of a message that B does not take: nobody there is called so."""
    await a.consents(b)
    ours = await asked(a, b)
    [(body,)] = await a.rows("SELECT body FROM partner_sent")
    told, partner = {**orjson.loads(body)["body"], "expert": "li"}, await a.partner(b)
    message = Message("referral", "referral", told, ours.consent, ours.until_ms)
    await a.store.write(lambda db: db.execute("DELETE FROM partner_sent"))
    await a.store.write(lambda db: queue(db, partner, message, a.parts.book.utc_ms()))
    await a.deliver(b)
    [one] = await refused_there(a.store, partner)
    assert "lets themselves be asked" in one.reason
    return one.id


async def test_content_that_was_taken_long_ago_goes_and_its_number_and_the_trail_stay(two: Two) -> None:
    a, b = two
    await sent(a, b)
    assert await purge(a.parts.book, 90) == 0
    a.clock.let_pass(91 * DAY_MS)
    assert await purge(a.parts.book, 90) == 1
    assert await purge(a.parts.book, 90) == 0
    assert await a.rows(STATES) == [(1, "referral", "taken", 1)]
    [(body,)] = await a.rows("SELECT body FROM partner_sent")
    assert b"4711" not in body
    assert ("partner-sent-purged", "controller") in await a.actions()


async def test_what_waits_or_was_refused_keeps_its_content(two: Two) -> None:
    a, b = two
    await refused(a, b)
    partner = await a.partner(b)
    await a.store.write(lambda db: queue(db, partner, Message("referral", "withheld", {}), 1))
    a.clock.let_pass(4000 * DAY_MS)
    assert await purge(a.parts.book, 90) == 0


async def test_a_partner_that_asks_for_a_purged_number_gets_an_empty_message_and_goes_on(two: Two) -> None:
    a, b = two
    await sent(a, b)
    a.clock.let_pass(91 * DAY_MS)
    await purge(a.parts.book, 90)
    await b.store.write(lambda db: without_trigger(db, "partner_received_no_delete", "partner_received"))
    await b.store.write(lambda db: db.execute("DELETE FROM partner_received"))  # as restored from a backup
    await again(a.store, await a.partner(b), "referral", 1)
    await a.deliver(b)
    assert await b.rows("SELECT kind, outcome FROM partner_received") == [("withheld", "taken")]
    assert ("partner-withheld", "site:hospital-a") in await b.actions()


async def test_what_was_refused_is_tried_again_under_a_new_number_when_its_cause_is_gone(two: Two) -> None:
    a, b = two
    number = await refused(a, b)
    with pytest.raises(NotFound):
        await try_again(a.parts.book, "hospital-b", 999, ADA)
    await b.expert("li", "Dr. Li")
    await try_again(a.parts.book, "hospital-b", number, ADA)
    with pytest.raises(NotFound, match="look again"):
        await try_again(a.parts.book, "hospital-b", number, ADA)
    assert await refused_there(a.store, await a.partner(b)) == []
    await a.deliver(b)
    assert [row[:3] for row in await a.rows(STATES)] == [
        *((1, "referral", "refused"), (2, "referral", "taken")),
    ]
    assert len(await b.rows("SELECT * FROM partner_referral")) == 1
    assert ("partner-sent-again", "ada") in await a.actions()


async def test_what_rests_on_a_consent_that_has_ended_is_not_tried_again(two: Two) -> None:
    a, b = two
    number = await refused(a, b)
    await a.consents(b, said="withdrawn")
    with pytest.raises(Conflict, match="has ended"):
        await try_again(a.parts.book, "hospital-b", number, ADA)
