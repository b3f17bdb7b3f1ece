"""What a patient is shown: own medicines, where they are, what is to be paid. Nobody of staff is named."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from aiohttp import web

from controller.api.my_context import me, own
from controller.api.payments_context import PAYING
from controller.api.prescriptions_shown import now_ms, service
from controller.api.robots_context import ROBOTS
from controller.clock import local_days, utc_ms_at
from controller.imaging.sight import Sight
from controller.patient_access.doses import Dose, Needed, doses_of, needed_of, prescribed_for
from controller.patient_access.model import Said
from controller.patient_access.taken import AHEAD_MS, BACK_MS, UNDO_MS
from controller.payments.model import Payment
from controller.payments.states import PaymentState
from controller.prescriptions.custody import ROBOT, chain
from controller.prescriptions.delivery import Delivery
from controller.prescriptions.model import Prescription
from controller.prescriptions.riding import Stage
from controller.prescriptions.states import ENDED, RxState
from controller.prescriptions.tasks import OPEN
from controller.prescriptions.timing import DAY_MS, Span
from controller.robots.shown import eta_item

Json = dict[str, Any]
STOPPED_MS = 14 * DAY_MS
"""So long a medicine that has ended is still shown: not to be taken any more."""
DAYS = 14
_TOLD_WHY = (PaymentState.FAILED, PaymentState.REFUND_FAILED)
"""Of others it is said to staff only: it may name them."""
NEXT_MS = DAY_MS
"""Doses of the time to come."""


def is_shown(rx: Prescription, at_ms: int) -> bool:
    """Whether its patient sees it: it was signed, and has not ended long ago."""
    if rx.signed_ms is None or rx.state is RxState.DRAFT:
        return False
    return rx.state not in ENDED or at_ms - rx.changed_ms < STOPPED_MS


async def medicine(request: web.Request, rx: Prescription, utc_ms: int) -> Json:
    """A MyMedicine."""
    at_ms = now_ms(request)
    wanted, until_ms = rx.wanted, prescribed_for(rx).to_ms
    said = await own(request).taken.of(rx)
    parts = {"medicine": wanted.medicine.code.display, "form": wanted.medicine.form}
    how = {"dose": asdict(wanted.dose), "route": wanted.route.display, "timing": asdict(wanted.timing)}
    names = {"number": rx.number, "revision": rx.revision, "state": str(rx.state), "reason": wanted.reason}
    when = {"setting": wanted.setting, "begin_ms": rx.begin_ms, "until_ms": until_ms}
    more = {"delivery": rx.delivery, "changed_ms": rx.changed_ms, **await _repeats(request, rx)}
    asked = Span(utc_ms - BACK_MS, utc_ms + NEXT_MS)
    found = doses_of(rx, said, asked) if is_open(rx) else []
    doses = [
        {"due_ms": one.due_ms, "may": one.due_ms <= utc_ms + AHEAD_MS, "said": _own_said(one.said, at_ms)}
        for one in found
    ]
    needed = needed_of(rx, said, at_ms) if is_open(rx) else None
    as_needed = needed and _needed(needed, at_ms)
    return {**names, **parts, **how, **when, **more, "doses": doses, "needed": as_needed}


def is_open(rx: Prescription) -> bool:
    """Whether its patient takes it now, by themselves."""
    return rx.state is RxState.ACTIVE and rx.wanted.setting != "inpatient"


async def lately(request: web.Request, rx: Prescription, utc_ms: int) -> list[Dose]:
    """The doses of the last 14 days that were due until now; none of what is not taken now."""
    if not is_open(rx):
        return []
    first_ms = utc_ms_at(days_until(utc_ms)[0], "00:00")
    return doses_of(rx, await own(request).taken.of(rx), Span(first_ms, utc_ms + 1))


def days_until(utc_ms: int) -> list[str]:
    """The last 14 days of this machine's calendar, today being the last one."""
    return local_days(utc_ms - DAYS * DAY_MS, utc_ms)[-DAYS:]


async def delivery(request: web.Request, one: Delivery, rx: Prescription) -> Json:
    """A MyDelivery: where it is, not who has it."""
    last = (await chain(service(request).books, one.id))[-1]
    way = "robot" if last.holder.startswith(ROBOT) else "pharmacy" if last.place == 1 else "carried"
    names = ("number", "revision", "kind", "state", "queue", "day", "coming_back", "started_ms")
    told = {name: getattr(one, name) for name in names}
    where = {"way": way, "spot": last.spot, "since_ms": last.at_ms, "expected": await _expected(request, one)}
    return {**told, **where, "medicine": rx.wanted.medicine.code.display, "prescription": rx.number}


async def _expected(request: web.Request, one: Delivery) -> Json | None:
    """A MyExpected, as long as a robot has it or comes for it, and somebody can say when."""
    rides = await service(request).riding.of([one.id])
    fleet, at_ms = request.config_dict.get(ROBOTS), now_ms(request)
    if fleet is None or one.id not in rides or rides[one.id].stage not in (Stage.SENT, Stage.ABOARD):
        return None
    eta = eta_item(fleet.master, rides[one.id].transport, at_ms)
    if eta is None or not eta["high_ms"]:
        return None
    return {"from_ms": at_ms + eta["low_ms"], "to_ms": at_ms + eta["high_ms"], "said_ms": eta["at_ms"]}


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
    names += ("priced_by", "made_ms", "insurer", "covered_ms", "page")
    told = {name: getattr(one, name) for name in names}
    told["why"] = one.why if one.state in _TOLD_WHY else ""
    money = {"currency": one.total.currency, "total_minor": one.total.minor, "due_minor": one.due.minor}
    lines = [
        {"display": line.item.display, "quantity": line.item.quantity, "net_minor": line.net_minor}
        for line in one.lines
    ]
    return {**told, **money, "state": str(one.state), "withdrawn": bool(one.withdrawn), "lines": lines}


def said_of(one: Said) -> Json:
    """A MySaidView."""
    return asdict(one)


def _own_said(one: Said | None, at_ms: int) -> Json | None:
    return one and {**said_of(one), "may_undo": at_ms - one.at_ms <= UNDO_MS}


def sight_of(request: web.Request) -> Sight:
    """Whose medicines the one who asks sees: their own."""
    return me(request).sight


async def _repeats(request: web.Request, rx: Prescription) -> Json:
    stands = await service(request).repeats.standing(rx)
    left = int(Decimal(stands.left) / rx.wanted.quantity.exact)
    tasks = await service(request).tasks.of(rx)
    asked = any(one.state in OPEN for one in tasks)
    return {"repeats_left": left, "repeat_due_ms": stands.next_due_ms, "is_asked": asked}


def _needed(one: Needed, at_ms: int) -> Json:
    last = _own_said(one.last, at_ms)
    return {"last": last, "within_day": one.within_day, "from_ms": one.from_ms}
