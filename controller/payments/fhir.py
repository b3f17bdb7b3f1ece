"""Payments in FHIR R4: an Invoice, with a ChargeItem for each line (HL7 FHIR R4, 4.0.1).

Amounts are decimals, exactly as FHIR wants them: made of digits, never of floats.
"""

import re
from typing import Any

import orjson

from controller.handover.coded import coding, concept, full, person, text, time
from controller.payments.model import Item, Money, Payment
from controller.payments.states import INVOICE

Json = dict[str, Any]
_GTIN, _GS1 = re.compile("[0-9]{14}"), "https://www.gs1.org/gtin"


def invoice(payment: Payment, to_utc_ms: int) -> Json:
    """`to_utc_ms` is what the controller's time lacks to UTC."""
    subject = _subject(payment)
    numbers = range(1, len(payment.lines) + 1)
    return full(
        resourceType="Invoice",
        id=payment.number,
        meta={"versionId": str(payment.revision)},
        contained=[_charge(payment, number, subject) for number in numbers],
        identifier=[{"value": payment.number}, {"value": payment.subject}],
        status=INVOICE[payment.state],
        cancelledReason=text(payment.why) if INVOICE[payment.state] == "cancelled" else None,
        subject=subject,
        recipient=subject,
        date=time(payment.made_ms + to_utc_ms),
        participant=[{"actor": one} for one in [person(payment.made_by)] if one],
        lineItem=[*(_line(payment, number) for number in numbers), *_insured(payment)],
        totalGross=money(payment.due),
    )


def money(amount: Money) -> Json:
    """FHIR's Money."""
    return {"value": orjson.Fragment(amount.value), "currency": amount.currency}


def _charge(payment: Payment, number: int, subject: Json) -> Json:
    item = payment.lines[number - 1].item
    return {
        "resourceType": "ChargeItem",
        "id": f"line-{number}",
        "status": "billed" if INVOICE[payment.state] == "balanced" else "billable",
        "code": _what(item),
        "subject": subject,
        "quantity": {"value": item.quantity},
    }


def _what(item: Item) -> Json:
    if _GTIN.fullmatch(item.code):
        return concept(item.display, coding(_GS1, item.code))
    return concept(f"{item.display} ({item.code})")


def _line(payment: Payment, number: int) -> Json:
    line = payment.lines[number - 1]
    net = money(Money(line.net_minor, payment.total.currency))
    return {
        "sequence": number,
        "chargeItemReference": {"reference": f"#line-{number}"},
        "priceComponent": [{"type": "base", "amount": net}],
    }


def _insured(payment: Payment) -> list[Json]:
    """What the insurance pays of it, as a line of its own: so all of them make what the patient pays."""
    if not payment.insured_minor:
        return []
    insured = Money(payment.insured_minor, payment.total.currency)
    amount = {"value": orjson.Fragment(f"-{insured.value}"), "currency": insured.currency}
    line = {"sequence": len(payment.lines) + 1, "chargeItemCodeableConcept": concept("Paid by the insurance")}
    return [{**line, "priceComponent": [{"type": "deduction", "amount": amount}]}]


def _subject(payment: Payment) -> Json:
    name = full(display=text(payment.name))
    return {"type": "Patient", "identifier": {"value": payment.identifier}, **name}
