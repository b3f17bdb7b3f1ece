"""Answers of services: taken as the standard has them, refused whole otherwise, whatever bytes come."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.cds.errors import CdsError, NotChecked
from controller.cds.looks import Answer
from controller.cds.orders import lines_of
from controller.cds.served import read_request
from controller.cds.wire import read_cards, read_discovery

CARD: dict[str, Any] = {"summary": "s", "indicator": "info", "source": {"label": "l"}}


def told(*cards: Any) -> bytes:
    return json.dumps({"cards": list(cards)}).encode()


def test_a_card_of_the_standard_is_taken_with_its_extensions_left_out() -> None:
    [card] = read_cards(told({**CARD, "extension": {"x": 1}, "detail": "**d**"}))
    assert (card.summary, card.detail, card.overrideReasons) == ("s", "**d**", [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"indicator": "hard-stop"},
        {"summary": "x" * 300},
        {"summary": ""},
        {"source": {}},
        {"links": [{"label": "l", "url": "javascript:alert(1)", "type": "absolute"}]},
        {"links": [{"label": "l", "url": "/here", "type": "absolute"}]},
        {"source": {"label": "l", "url": "data:text/html,x"}},
        {"suggestions": [{"label": "l"}]},
        {"overrideReasons": [{"code": "c", "system": "s"}]},
        {"detail": "x" * 10_001},
    ],
)
def test_one_wrong_card_spoils_the_answer(wrong: dict[str, Any]) -> None:
    with pytest.raises(NotChecked) as refused:
        read_cards(told(CARD, {**CARD, **wrong}))
    assert refused.value.code == "not-cards"


def test_more_cards_than_anybody_reads_are_refused() -> None:
    with pytest.raises(NotChecked):
        read_cards(told(*[CARD] * 21))


def test_the_path_of_a_service_cannot_lead_elsewhere() -> None:
    offered = {"id": "../admin", "hook": "order-sign", "description": "d"}
    with pytest.raises(NotChecked):
        read_discovery(json.dumps({"services": [offered]}).encode())


WORDS = (
    *("cards", "services", "summary", "indicator", "source", "label", "entry", "resource", "coding", "text"),
    *("draftOrders", "resourceType", "dosageInstruction", "doseAndRate", "doseQuantity", "contained"),
    *("medicationCodeableConcept", "hook", "context", "hookInstance", "timing", "repeat"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=200)
@given(st.binary(max_size=60) | JSON.map(lambda made: json.dumps(made).encode()))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    for read in (read_cards, read_discovery, read_request):
        try:
            read(body)
        except CdsError as error:
            assert str(error)


@settings(max_examples=200)
@given(st.dictionaries(st.just("draftOrders"), JSON, max_size=1))
def test_no_order_of_a_client_raises(context: dict[str, Any]) -> None:
    for line, why in lines_of(context):
        assert line is not None or why


def test_an_order_without_a_code_is_said_not_to_be_looked_at() -> None:
    orders = [{"resource": {"resourceType": kind}} for kind in ("MedicationRequest", "ServiceRequest")]
    found = lines_of({"draftOrders": {"entry": orders}})
    assert [why for _, why in found] == [
        "a medicine without code and name is not looked at here",
        "ServiceRequest is not looked at here",
    ]


@settings(max_examples=100)
@given(st.integers(1, 400), st.sampled_from(["[", '{"x":']))
def test_what_is_taken_of_an_answer_can_be_kept_and_read_again(levels: int, opens: str) -> None:
    closes = "]" if opens == "[" else "}"
    resource = f'{{"a":{opens * levels}1{closes * levels}}}'
    action = f'{{"type": "create", "description": "d", "resource": {resource}}}'
    suggested = f'[{{"label": "l", "actions": [{action}]}}]'
    card = json.dumps({**CARD, "selectionBehavior": "any"})[:-1] + f', "suggestions": {suggested}}}'
    try:
        cards = read_cards(f'{{"cards": [{card}]}}'.encode())
    except NotChecked as refused:
        assert refused.code == "not-cards"
        assert levels > 20, "no resource of FHIR is nested so deep"
        return
    told = Answer(service="s", took_ms=1, cards=tuple(cards))
    assert Answer.model_validate_json(told.model_dump_json()) == told
