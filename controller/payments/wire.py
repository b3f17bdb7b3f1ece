"""The messages of the provider's protocol (docs/payments.md): what is sent, and how what comes is read.

What comes is believed only in exactly this form; an error never repeats what came.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from controller.errors import PaymentSilent
from controller.payments.model import (
    MOST_MINOR,
    CardNumber,
    Coverage,
    Covered,
    Item,
    Line,
    Money,
    Payment,
    Priced,
    Verdict,
)

Minor = Annotated[int, Field(ge=0, le=MOST_MINOR)]
_Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
_Word = Annotated[str, Field(pattern=r"^[a-z0-9-]{0,60}$")]
_Words = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Page = Annotated[str, Field(pattern=r"^(https?://[!-~]{1,490})?$")]
_Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
_Key = Annotated[str, Field(pattern=r"^[0-9a-f]{32}(-r[1-9][0-9]{0,5})?$")]


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Prices(_Told):
    currency: _Currency
    net_minor: Annotated[list[Minor], Field(min_length=1)]
    source: _Words = ""


class _Eligibility(_Told):
    coverage: Coverage
    currency: _Currency
    insured_minor: Minor
    card: _Token
    insurer: _Words = ""


class _Outcome(_Told):
    key: _Key
    status: Literal["settled", "declined", "cancelled", "pending"]
    currency: _Currency
    amount_minor: Minor
    reference: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,64}$")] = ""
    reason: _Word = ""
    page: _Page = ""


class _Refusal(_Told):
    error: _Word


_Kind = TypeVar("_Kind", bound=_Told)


def price_request(items: Sequence[Item], currency: str) -> bytes:
    """POST /v1/price."""
    return _packed(currency=currency, items=[{"code": one.code, "quantity": one.quantity} for one in items])


def eligibility_request(person: str, card: CardNumber, payment: Payment) -> bytes:
    """POST /v1/eligibility."""
    items = [
        {"code": one.item.code, "quantity": one.item.quantity, "net_minor": one.net_minor}
        for one in payment.lines
    ]
    return _packed(person=person, card=card.number, currency=payment.total.currency, items=items)


def payment_request(payment: Payment) -> bytes:
    """POST /v1/payments."""
    insured = payment.total.minor - payment.due.minor
    told = {"amount_minor": payment.due.minor, "insured_minor": insured, "currency": payment.due.currency}
    return _packed(**told, **({"card": payment.card} if payment.card else {}))


def refund_request(payment: Payment) -> bytes:
    """POST /v1/payments/{key}/refund."""
    taken = payment.taken or payment.due
    return _packed(amount_minor=taken.minor, currency=taken.currency)


def read_price(body: bytes, items: Sequence[Item], currency: str) -> Priced:
    """Raises PaymentSilent."""
    told = _read(_Prices, body)
    if told.currency != currency or len(told.net_minor) != len(items) or sum(told.net_minor) > MOST_MINOR:
        raise PaymentSilent(f"expected a price in {currency} for each of {len(items)} items, got others")
    lines = tuple(Line(item, net) for item, net in zip(items, told.net_minor, strict=True))
    return Priced(lines, told.source)


def read_eligibility(body: bytes, card: CardNumber, payment: Payment) -> Covered:
    """Raises PaymentSilent: also when the token has the card's number in it."""
    told = _read(_Eligibility, body)
    insured = Money(told.insured_minor, told.currency)
    if insured.currency != payment.total.currency or insured.minor > payment.total.minor:
        raise PaymentSilent(f"expected at most {payment.total} to be insured, got {insured}")
    if card.number in told.card:
        raise PaymentSilent("expected a token for the card, its number is in what came: it is not kept")
    return Covered(told.coverage, insured, told.card, told.insurer)


def read_verdict(body: bytes, key: str | None = None) -> Verdict:
    """What became of `key` (None: of whichever it names). Raises PaymentSilent."""
    told = _read(_Outcome, body)
    if key is not None and told.key != key:
        raise PaymentSilent("expected the outcome of the key that was asked for, got another's")
    amount = Money(told.amount_minor, told.currency)
    return Verdict(told.key, told.status, amount, told.reference, told.reason, told.page)


def read_refusal(body: bytes) -> str:
    """Why it refuses, as a word of the protocol. Raises PaymentSilent."""
    return _read(_Refusal, body).error


def _packed(**members: Any) -> bytes:
    return orjson.dumps(members)


def _read(kind: type[_Kind], body: bytes) -> _Kind:
    try:
        return kind.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError:
        raise PaymentSilent("expected a JSON object from the payment provider, got something else") from None
    except ValidationError as error:
        names = sorted({str(one["loc"][0]) for one in error.errors(include_input=False) if one["loc"]})
        raise PaymentSilent(f"expected the provider's answer as documented, not so: {names}"[:200]) from None
