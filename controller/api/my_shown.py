"""What a patient is shown: own medicines, where they are, what is to be paid. Nobody of staff is named."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from aiohttp import web

from controller.api.my_context import me, own
from controller.api.payments_context import PAYING
from controller.api.prescriptions_shown import now_ms, service
from controller.imaging.sight import Sight
from controller.patient_access.doses import Needed, doses_of, needed_of, prescribed_for
from controller.patient_access.model import Said
from controller.patient_access.taken import AHEAD_MS, BACK_MS
from controller.payments.model import Payment
from controller.prescriptions.custody import ROBOT, chain
from controller.prescriptions.delivery import Delivery
from controller.prescriptions.model import Prescription
from controller.prescriptions.states import ENDED, RxState
from controller.prescriptions.tasks import OPEN
from controller.prescriptions.timing import DAY_MS, Span

Json = dict[str, Any]
STOPPED_MS = 14 * DAY_MS
"""So long a medicine that has ended is still shown: not to be taken any more."""
NEXT_MS = DAY_MS
"""Doses of the time to come."""


def is_shown(rx: Prescription, at_ms: int) -> bool:
    """Whether its patient sees it: it was signed, and has not ended long ago."""
    if rx.signed_ms is None or rx.state is RxState.DRAFT:
        return False
    return rx.state not in ENDED or at_ms - rx.changed_ms < STOPPED_MS


async def medicine(request: web.Request, rx: Prescription, utc_ms: int) -> Json:
    """A MyMedicine."""
    wanted, until_ms = rx.wanted, prescribed_for(rx).to_ms
    said = await own(request).taken.of(rx)
    parts = {"medicine": wanted.medicine.code.display, "form": wanted.medicine.form}
    how = {"dose": asdict(wanted.dose), "route": wanted.route.display, "timing": asdict(wanted.timing)}
    names = {"number": rx.number, "revision": rx.revision, "state": str(rx.state), "reason": wanted.reason}
    when = {"setting": wanted.setting, "begin_ms": rx.begin_ms, "until_ms": until_ms}
    more = {"delivery": rx.delivery, "changed_ms": rx.changed_ms, **await _repeats(request, rx)}
    asked = Span(utc_ms - BACK_MS, utc_ms + NEXT_MS)
    is_open = rx.state is RxState.ACTIVE and wanted.setting != "inpatient"
    found = doses_of(rx, said, asked) if is_open else []
    doses = [
        {"due_ms": one.due_ms, "may": one.due_ms <= utc_ms + AHEAD_MS, "said": one.said and said_of(one.said)}
        for one in found
    ]
    needed = needed_of(rx, said, now_ms(request)) if is_open else None
    return {**names, **parts, **how, **when, **more, "doses": doses, "needed": needed and _needed(needed)}


async def delivery(request: web.Request, one: Delivery, rx: Prescription) -> Json:
    """A MyDelivery: where it is, not who has it."""
    last = (await chain(service(request).books, one.id))[-1]
    way = "robot" if last.holder.startswith(ROBOT) else "pharmacy" if last.place == 1 else "carried"
    names = ("number", "revision", "kind", "state", "queue", "day", "coming_back", "started_ms")
    told = {name: getattr(one, name) for name in names}
    where = {"way": way, "spot": last.spot, "since_ms": last.at_ms}
    return {**told, **where, "medicine": rx.wanted.medicine.code.display, "prescription": rx.number}


async def payments(request: web.Request) -> list[Json]:
    """MyPayments, the newest first; none where there are none."""
    held = request.config_dict.get(PAYING)
    if held is None:
        return []
    found = await held.payments.books.listed(me(request).sight)
    return [payment(one) for one in found]


def payment(one: Payment) -> Json:
    """A MyPayment."""
    names = ("number", "subject", "insured_minor", "coverage", "card_end", "returned_minor", "paid_utc_ms")
    told = {name: getattr(one, name) for name in names}
    money = {"currency": one.total.currency, "total_minor": one.total.minor, "due_minor": one.due.minor}
    lines = [
        {"display": line.item.display, "quantity": line.item.quantity, "net_minor": line.net_minor}
        for line in one.lines
    ]
    return {**told, **money, "state": str(one.state), "withdrawn": bool(one.withdrawn), "lines": lines}


def said_of(one: Said) -> Json:
    """A MySaidView."""
    return asdict(one)


def sight_of(request: web.Request) -> Sight:
    """Whose medicines the one who asks sees: their own."""
    return me(request).sight


async def _repeats(request: web.Request, rx: Prescription) -> Json:
    stands = await service(request).repeats.standing(rx)
    left = int(Decimal(stands.left) / rx.wanted.quantity.exact)
    tasks = await service(request).tasks.of(rx)
    asked = any(one.state in OPEN for one in tasks)
    return {"repeats_left": left, "repeat_due_ms": stands.next_due_ms, "is_asked": asked}


def _needed(one: Needed) -> Json:
    last = one.last and said_of(one.last)
    return {"last": last, "within_day": one.within_day, "from_ms": one.from_ms}
