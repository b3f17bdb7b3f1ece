"""controller/partners/book.py, cards.py, states.py: who is a partner."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import BadCard, Conflict, NotFound, NotProved, Outdated
from controller.partners.cards import card_text, fingerprint, read_card, same_fingerprint
from controller.partners.states import (
    PARTNER_STEPS,
    REFERRAL_STEPS,
    PartnerState,
    ReferralState,
)
from controller.steps import check_step
from tests.support.sites import ADMIN, Site, step
from tests.unit.controller.partners.conftest import Two


def card_of(one: Site, **more: object) -> str:
    return card_text(replace(one.parts.book.own, **more))  # type: ignore[arg-type]


async def test_a_card_comes_through_as_text_and_its_fingerprint_covers_all_of_it(two: Two) -> None:
    card = two[0].parts.book.own
    assert read_card(card_text(card)) == card
    others = [
        replace(card, site="x"),
        replace(card, name="x"),
        replace(card, address="x:1"),
        replace(card, root=b"x"),
    ]
    assert len({fingerprint(one) for one in (card, *others)}) == 5
    heard = fingerprint(card).lower().replace(" ", "-")
    assert same_fingerprint(heard, fingerprint(card))
    assert not same_fingerprint(heard[:-1], fingerprint(card))


async def test_another_fingerprint_makes_no_partner_and_is_in_the_trail(two: Two) -> None:
    a, b = two
    await step(a, b, PartnerState.ENDED)
    added = await a.parts.book.add(read_card(card_of(b)), ADMIN)
    assert added.state is PartnerState.PENDING
    with pytest.raises(NotProved, match="not that of this card"):
        await a.parts.book.activate(added.site, 1, "0000 " * 8, ADMIN)
    assert ("partner-activated", "ada") in await a.actions("refused")
    with pytest.raises(Conflict, match="fingerprint"):
        await a.parts.book.step(added.site, 1, PartnerState.ACTIVE, ADMIN)
    assert (await a.partner(b)).state is PartnerState.PENDING


async def test_a_partner_takes_neither_our_name_nor_another_partners(two: Two) -> None:
    a, b = two
    for more in ({"site": "hospital-a"}, {"site": "c", "name": "hospital A"}, {"site": "c"}, {"name": "C"}):
        with pytest.raises(Conflict):
            await a.parts.book.add(read_card(card_of(b, **more)), ADMIN)


async def test_who_suspends_or_ends_says_why_and_of_which_revision(two: Two) -> None:
    a, b = two
    known = await a.partner(b)
    with pytest.raises(Conflict, match="reason"):
        await a.parts.book.step(known.site, known.revision, PartnerState.SUSPENDED, ADMIN)
    with pytest.raises(Outdated):
        await a.parts.book.step(known.site, 1, PartnerState.ENDED, ADMIN)
    await step(a, b, PartnerState.ENDED)
    with pytest.raises(NotFound):
        await a.partner(b)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "{}",
        "x" * 20_000,
        '{"wardlink": "partner-card-1"}',
        '{"wardlink":"partner-card-1","site":"B!","name":"B","address":"b:1","root":""}',
        '{"wardlink":"partner-card-1","site":"b","name":"B","address":"b","root":""}',
        '{"wardlink":"partner-card-1","site":"b","name":"B","address":"u@b:1","root":""}',
        '{"wardlink":"partner-card-1","site":"b","name":"B","address":"b:99999","root":""}',
        '{"wardlink":"partner-card-1","site":"b","name":"B","address":"b:1","root":"AAAA"}',
        '{"wardlink":"partner-card-1","site":"b","name":"B","address":7,"root":"AAAA"}',
    ],
)
def test_what_is_no_card_is_told_so(text: str) -> None:
    with pytest.raises(BadCard):
        read_card(text)


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
@settings(max_examples=100, deadline=None)
def test_no_text_breaks_the_reader_of_cards(text: str) -> None:
    with pytest.raises(BadCard):
        read_card(text)


@pytest.mark.parametrize(
    ("steps", "states"), [(PARTNER_STEPS, PartnerState), (REFERRAL_STEPS, ReferralState)]
)
def test_every_step_is_in_the_table_or_refused(
    steps: dict[PartnerState, frozenset[PartnerState]], states: type[PartnerState]
) -> None:
    assert set(steps) == set(states)
    for now, to in product(states, states):
        if to in steps[now]:
            check_step(steps, now, to)
        else:
            with pytest.raises(Conflict):
                check_step(steps, now, to)
