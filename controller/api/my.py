"""A patient's own medicines. Each handler works with the sight of that one patient and nothing else."""

from dataclasses import asdict

from aiohttp import web

from controller.api import my_shown as shown
from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.my_context import me, own
from controller.api.my_payments_schemas import MyCardBody, MyPayBody
from controller.api.my_record import measuring_ahead
from controller.api.my_schemas import DoseTakenBody, MyChoiceBody, MyRepeatBody
from controller.api.my_visits import visits_ahead
from controller.api.payments import receipted
from controller.api.payments_context import PAYING, paying
from controller.api.prescriptions_shown import Json, by, now_ms, service
from controller.api.replaced import replaced, tag
from controller.errors import Conflict
from controller.patient_access.doses import days_of, doses_of, prescribed_for
from controller.patient_access.model import Saying
from controller.patient_access.reminders import CALENDAR, Reminder, calendar, endings
from controller.payments.model import CardNumber, Money
from controller.payments.model import Known as KnownPayment
from controller.prescriptions.delivery import Over
from controller.prescriptions.model import Known, Prescription
from controller.prescriptions.timing import DAY_MS, Span


async def overview(request: web.Request) -> web.StreamResponse:
    """GET /api/my."""
    parts, seen, utc_ms = service(request), me(request).sight, _utc_ms(request)
    facts = await context(request).patients.find(me(request).identifier)
    found = [rx for rx in await parts.books.listed(seen) if shown.is_shown(rx, now_ms(request))]
    ways, paying_here = await parts.deliveries.listed(seen), request.config_dict.get(PAYING)
    doses = [one for rx in found for one in await shown.lately(request, rx, utc_ms)]
    days = days_of(doses, shown.days_until(utc_ms))
    told = {
        "server_ms": now_ms(request),
        "utc_ms": utc_ms,
        "patient": {"identifier": facts.identifier, "name": facts.name},
        "medicines": [await shown.medicine(request, rx, utc_ms) for rx in found],
        "deliveries": [await shown.delivery(request, one, rx) for one, rx in ways],
        "payments": await shown.payments(request),
        "sandbox": paying_here is not None and paying_here.section.sandbox,
        "days": [asdict(one) for one in days],
    }
    return answer(told)


async def say(request: web.Request) -> web.StreamResponse:
    """POST /api/my/taken."""
    body = await read_body(request, DoseTakenBody)
    saying = Saying(body.prescription, body.due_ms, body.said, body.after, body.why)
    rx = await own(request).taken.say(saying, me(request), request.remote or "")
    return await _medicine(request, rx)


async def repeat(request: web.Request) -> web.StreamResponse:
    """POST /api/my/prescriptions/{rx}/repeats."""
    known, body = _known(request), await read_body(request, MyRepeatBody)
    return await _medicine(request, await service(request).repeats.ask(known, by(request, body.why)))


async def choose(request: web.Request) -> web.StreamResponse:
    """PUT /api/my/prescriptions/{rx}/delivery."""
    known, body = _known(request), await read_body(request, MyChoiceBody)
    rx = await service(request).books.find(known.number, known.sight)
    if rx.delivery == "ward":
        raise Conflict("a ward gives this medicine: ask a nurse")
    return await _medicine(
        request, await service(request).prescribing.choose(known, body.delivery, by(request))
    )


async def code(request: web.Request) -> web.StreamResponse:
    """POST /api/my/deliveries/{delivery}/code: of the one before a hash is kept only, hence another."""
    over = Over(request.match_info["delivery"], replaced(request), me(request).sight)
    made, digits = await service(request).deliveries.renew(over, by(request))
    rx = await service(request).books.find_by_id(made.prescription)
    service(request).tell(rx)
    told: Json = {"delivery": await shown.delivery(request, made, rx), "code": digits}
    return answer({**told, "patient": me(request).identifier}, headers=tag(made.revision))


async def check_coverage(request: web.Request) -> web.StreamResponse:
    """POST /api/my/payments/{payment}/eligibility."""
    held, known, body = paying(request), _payment(request), await read_body(request, MyCardBody)
    if body.card is None:
        made = await held.payments.self_pay(known, by(request))
    else:
        made = await held.payments.check_coverage(known, CardNumber(body.card), by(request))
    return answer({"patient": me(request).identifier, "payment": shown.payment(made)})


async def pay(request: web.Request) -> web.StreamResponse:
    """POST /api/my/payments/{payment}/pay."""
    held, known, body = paying(request), _payment(request), await read_body(request, MyPayBody)
    made = await held.payments.pay(known, Money(body.due_minor, body.currency), by(request))
    return answer({"patient": me(request).identifier, "payment": shown.payment(made)})


async def receipt(request: web.Request) -> web.StreamResponse:
    """GET /api/my/payments/{payment}/receipt."""
    held = paying(request)
    return answer(receipted(held, await held.payments.books.find(_payment(request))))


async def reminders(request: web.Request) -> web.StreamResponse:
    """GET /api/my/reminders.ics: what is to be done in the next 14 days, for the phone's own calendar."""
    utc_ms, books = _utc_ms(request), service(request).books
    held = [rx for rx in await books.listed(me(request).sight) if shown.is_open(rx)]
    ahead = Span(utc_ms, utc_ms + shown.DAYS * DAY_MS)
    times = [Reminder(one.due_ms, "dose") for rx in held for one in doses_of(rx, [], ahead)]
    ends = [prescribed_for(rx).to_ms for rx in held]
    times += [Reminder(at_ms, "ending") for at_ms in endings(ends, utc_ms, utc_ms + shown.DAYS * DAY_MS)]
    times += [*await visits_ahead(request, ahead), *await measuring_ahead(request, ahead)]
    language = "zh" if request.query.get("language") == "zh" else "en"
    await record_access(request, {me(request).identifier})
    headers = {"Content-Disposition": 'attachment; filename="reminders.ics"'}
    text = calendar(times, language, utc_ms)
    return web.Response(text=text, content_type=CALENDAR, headers=headers)


async def _medicine(request: web.Request, rx: Prescription) -> web.Response:
    service(request).tell(rx)
    told = await shown.medicine(request, rx, _utc_ms(request))
    return answer({"patient": me(request).identifier, "medicine": told}, headers=tag(rx.revision))


def _known(request: web.Request) -> Known:
    return Known(request.match_info["rx"], replaced(request), me(request).sight)


def _payment(request: web.Request) -> KnownPayment:
    return KnownPayment(request.match_info["payment"], me(request).sight)


def _utc_ms(request: web.Request) -> int:
    return context(request).clock.utc_us() // 1000
