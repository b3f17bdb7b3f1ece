"""What patients pay for what they take home: whoever sees the patient sees it, and those of nobody else."""

from dataclasses import asdict
from typing import Any

import orjson
from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context, user
from controller.api.fhir import asked_patient, to_utc_ms
from controller.api.patients import own_sight, sight
from controller.api.payments_context import Paying, paying
from controller.api.payments_schemas import CardBody, PayBody, PaymentBody, TakeBackBody
from controller.clock import utc_text
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.identity.qr import text_as_rows
from controller.payments import fhir
from controller.payments.model import CardNumber, Item, Known, Money, Payment, Purchase
from controller.payments.signed import Unsigned, check_callback
from controller.payments.states import INVOICE, RECEIPTED
from controller.payments.wire import read_verdict
from controller.radiology.fhir import MEDIA, bundle
from controller.security.gate import Refused

LIST = "/api/payments"
LONGEST = 64
LARGEST = 4096
"""Bytes of what the provider says by itself."""
_HEARD = 204


async def payments(request: web.Request) -> web.StreamResponse:
    """GET /api/payments."""
    subject, patient = (request.query.get(name, "")[:LONGEST] for name in ("subject", "patient"))
    found = await paying(request).payments.books.listed(await sight(request), subject, patient)
    held = paying(request)
    site = {"provider": held.host, "sandbox": held.section.sandbox, "unpaid": held.section.unpaid}
    return answer({"server_ms": _now_ms(request), **site, "payments": [shown(one) for one in found]})


async def price(request: web.Request) -> web.StreamResponse:
    """POST /api/payments."""
    held, body = paying(request), await read_body(request, PaymentBody)
    who = await context(request).patients.find(body.patient, await own_sight(request))
    items = [Item(one.code, one.display, one.quantity) for one in body.lines]
    purchase = Purchase(body.subject, who.identifier, who.name)
    return _told(request, await held.payments.price(purchase, items, _by(request)))


async def check_coverage(request: web.Request) -> web.StreamResponse:
    """POST /api/payments/{payment}/eligibility."""
    held, known, body = paying(request), await _known(request), await read_body(request, CardBody)
    if body.card is None:
        return _told(request, await held.payments.self_pay(known, _by(request)))
    return _told(request, await held.payments.check_coverage(known, CardNumber(body.card), _by(request)))


async def pay(request: web.Request) -> web.StreamResponse:
    """POST /api/payments/{payment}/pay."""
    held, known, body = paying(request), await _known(request), await read_body(request, PayBody)
    due = Money(body.due_minor, body.currency)
    return _told(request, await held.payments.pay(known, due, _by(request)))


async def take_back(request: web.Request) -> web.StreamResponse:
    """POST /api/payments/{payment}/refund."""
    held, known, body = paying(request), await _known(request), await read_body(request, TakeBackBody)
    return _told(request, await held.payments.take_back(known, _by(request, body.why)))


async def receipt(request: web.Request) -> web.StreamResponse:
    """GET /api/payments/{payment}/receipt."""
    held = paying(request)
    known = Known(request.match_info["payment"], await sight(request))
    return answer(receipted(held, await held.payments.books.find(known)))


def receipted(held: Paying, payment: Payment) -> dict[str, Any]:
    """A Receipt. Raises Conflict: nothing is paid."""
    if payment.state not in RECEIPTED:
        raise Conflict(f"{payment.number} is {payment.state}: there is a receipt when it is paid")
    names = ("number", "subject", "card_end", "coverage", "insurer", "reference", "state")
    told = {name: getattr(payment, name) for name in names}
    sums = {"total_minor": payment.total.minor, "insured_minor": payment.insured_minor or 0}
    paid = {"paid_minor": payment.due.minor, "returned_minor": payment.returned_minor or 0}
    when = {"paid_at": utc_text((payment.paid_utc_ms or 0) * 1000), "currency": payment.total.currency}
    whose = {"patient": _patient(payment), "lines": _lines(payment), "sandbox": held.section.sandbox}
    return {**told, **sums, **paid, **when, **whose}


async def invoices(request: web.Request) -> web.StreamResponse:
    """GET /api/fhir/Invoice."""
    patient = asked_patient(request)
    found = await paying(request).payments.books.listed(await sight(request), patient=patient)
    await record_access(request, {patient} if found else ())
    lacking = to_utc_ms(request)
    resources = bundle(str(request.rel_url), [fhir.invoice(one, lacking) for one in found])
    return web.Response(body=orjson.dumps(resources), content_type=MEDIA)


async def heard(request: web.Request) -> web.StreamResponse:
    """POST /api/payments/callback: what the provider says by itself, in any order and however often."""
    held = paying(request)
    if wait_s := held.calls.take(request.remote or ""):
        message = f"expected fewer calls, wait {wait_s} s"
        raise Refused(429, "too-many", message, {"Retry-After": str(wait_s)})
    body = await request.read()
    if len(body) > LARGEST:
        raise BadRequest(f"expected at most {LARGEST} bytes, got {len(body)}")
    _check_signed(request, held, body)
    await held.payments.heard(read_verdict(body))
    return web.Response(status=_HEARD)


def shown(payment: Payment) -> dict[str, Any]:
    """A PaymentView: of the card its last four characters."""
    names = ("number", "subject", "state", "revision", "insured_minor", "returned_minor", "coverage")
    names += ("card_end", "why", "paid_utc_ms", "made_by", "made_ms", "changed_by", "changed_ms")
    names += ("priced_by", "insurer", "covered_ms", "page")
    told = {name: getattr(payment, name) for name in names}
    money = {"currency": payment.total.currency, "total_minor": payment.total.minor}
    taken = payment.taken
    moved = {"taken_minor": taken and taken.minor, "taken_currency": taken and taken.currency}
    who = {"patient": _patient(payment), "invoice": INVOICE[payment.state]}
    rest = {"due_minor": payment.due.minor, "withdrawn": bool(payment.withdrawn), "lines": _lines(payment)}
    scanned = {"page_qr": text_as_rows(payment.page) if payment.page else []}
    return {**told, **money, **moved, **who, **rest, **scanned}


def _check_signed(request: web.Request, held: Paying, body: bytes) -> None:
    utc_s = context(request).clock.utc_us() // 1_000_000
    try:
        check_callback(held.account, request.headers, request.path, body, utc_s)
    except Unsigned as error:
        raise Refused(401, "not-signed", str(error)) from None


def _patient(payment: Payment) -> dict[str, str]:
    return {"identifier": payment.identifier, "name": payment.name}


def _lines(payment: Payment) -> list[dict[str, Any]]:
    return [{**asdict(one.item), "net_minor": one.net_minor} for one in payment.lines]


def _told(request: web.Request, payment: Payment) -> web.Response:
    return answer({"server_ms": _now_ms(request), "payment": shown(payment)})


async def _known(request: web.Request) -> Known:
    """Breaking the glass lets a person look, not change."""
    return Known(request.match_info["payment"], await own_sight(request))


def _by(request: web.Request, why: str = "") -> By:
    return By(user(request).name, request.remote or "", why)


def _now_ms(request: web.Request) -> int:
    return context(request).clock.now_us() // 1000
