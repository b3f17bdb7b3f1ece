"""Cards of a look: each has a key of its own, and needs a word of its own."""

from controller.cds.looks import Answer, Done, Look, told, unacknowledged
from controller.cds.model import Card, CardSource


def card(detail: str, uuid: str = "") -> Card:
    source = CardSource(label="Interactions")
    return Card(summary="Interaction", indicator="critical", source=source, detail=detail, uuid=uuid or None)


def look(*cards: Card, done: tuple[str, ...] = ()) -> Look:
    answer = Answer(service="s", id="i", took_ms=1, cards=cards)
    outcomes = tuple(Done(one, "overridden", "", "", "known", "anna", 1, "due", "") for one in done)
    return Look(1, "order-sign", "u", "4711", 1, 1, (answer,), "anna", 1, 1, outcomes)


def test_two_cards_that_are_called_the_same_need_a_word_each() -> None:
    cards = card("with A", "1"), card("with B", "2")
    first, second = look(*cards).cards
    assert [one.uuid for _, one in look(*cards).cards.values()] == ["1", "2"]
    assert [*unacknowledged(look(*cards))] == [first, second]
    assert [*unacknowledged(look(*cards, done=(first,)))] == [second]
    assert not unacknowledged(look(*cards, done=(first, second)))


def test_a_word_on_one_of_two_such_cards_is_none_on_the_other_whatever_their_order() -> None:
    first, _ = look(card("with A"), card("with B")).cards
    turned = unacknowledged(look(card("with B"), card("with A"), done=(first,)))
    assert [one.detail for one in turned.values()] == ["with B"]
    alone = unacknowledged(look(card("with B"), done=(first,)))
    assert [one.detail for one in alone.values()] == ["with B"]


def test_what_is_shown_as_unsaid_is_what_has_to_be_said() -> None:
    two = look(card("with A"), card("with B"))
    [first, second] = two.cards
    assert told(two)["unacknowledged"] == [first, second]
    assert told(look(card("with A"), card("with B"), done=(first,)))["unacknowledged"] == [second]


def test_a_card_is_known_again_in_the_next_look() -> None:
    assert [*look(card("with A")).cards] == [*look(card("with A, again")).cards]
