"""Prescriptions, and what became of them, as answers show them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest
from controller.api.cold_shown import colds_of
from controller.api.context import context, user
from controller.api.robots_context import ROBOTS
from controller.identity.certificates import By
from controller.prescriptions.checks.model import Source
from controller.prescriptions.custody import Link, chains
from controller.prescriptions.delivered import Delivery
from controller.prescriptions.dispensed import Dispense
from controller.prescriptions.document import dosage_text
from controller.prescriptions.given import Given
from controller.prescriptions.model import Issue, Prescription, told
from controller.prescriptions.riding import Ride
from controller.prescriptions.service import Prescriptions
from controller.prescriptions.states import DELIVERY_STEPS, DISPENSE_STEPS, RX_STEPS, TASK_STEPS
from controller.prescriptions.tasks import Task
from controller.robots.shown import eta_item
from controller.steps import possible

Json = dict[str, Any]


def service(request: web.Request) -> Prescriptions:
    """The prescriptions of this controller."""
    return context(request).prescriptions


def by(request: web.Request, why: str = "") -> By:
    """Who asks, for the trail."""
    return By(user(request).name, request.remote or "", why)


def now_ms(request: web.Request) -> int:
    """The controller's time."""
    return context(request).clock.now_us() // 1000


def number_in(request: web.Request, what: str) -> int:
    """The number in the path. Raises BadRequest."""
    text = request.match_info["id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected the number of a {what}, got {text!r:.40}")
    return int(text)


def patient(rx: Prescription) -> Json:
    """An RxPatient."""
    return {"identifier": rx.identifier, "name": rx.name}


def prescription(rx: Prescription) -> Json:
    """A PrescriptionView."""
    names = ("number", "delivery", "replaces", "prescriber", "state", "revision", "drafted_ms")
    when = ("authored_ms", "signed_ms", "begin_ms", "changed_by", "changed_ms")
    kept = {name: getattr(rx, name) for name in (*names, *when)}
    wanted = rx.wanted
    return {
        **kept,
        "patient": patient(rx),
        "wanted": asdict(wanted),
        "dosage": dosage_text(wanted.dose, wanted.timing, wanted.route),
        "issues": [issue(one) for one in rx.issues],
        "possible": possible(RX_STEPS, rx.state),
    }


def issue(one: Issue) -> Json:
    """An IssueView."""
    return {**asdict(one), "needs_reason": one.needs_reason}


def source(one: Source) -> Json:
    """A SourceView."""
    en, zh = "not yet reviewed by a pharmacist", "尚未经药师审核"
    if one.reviewed_by:
        en, zh = f"reviewed by {one.reviewed_by}", f"已审核：{one.reviewed_by}"
    return {**asdict(one), "remark_en": en, "remark_zh": zh}


def sources(request: web.Request) -> list[Json]:
    """Those of this site."""
    return [source(one) for one in service(request).checks.sources()]


def task(one: Task) -> Json:
    """A TaskView."""
    kept = asdict(one)
    kept.pop("prescription")
    return {**kept, "possible": possible(TASK_STEPS, one.state)}


def dispense(one: Dispense) -> Json:
    """A DispenseView."""
    kept = asdict(one)
    for name in ("id", "prescription"):
        kept.pop(name)
    return {**kept, "scanned": told(one.scanned), "possible": possible(DISPENSE_STEPS, one.state)}


def given(one: Given) -> Json:
    """A GivenView."""
    kept = asdict(one)
    for name in ("id", "prescription"):
        kept.pop(name)
    return kept


async def delivery(request: web.Request, one: Delivery, rx: Prescription) -> Json:
    """A DeliveryView."""
    return (await deliveries(request, [(one, rx)]))[0]


async def deliveries(request: web.Request, found: Sequence[tuple[Delivery, Prescription]]) -> list[Json]:
    """DeliveryViews."""
    ids = [one.id for one, _ in found]
    links, rides = await chains(service(request).books, ids), await service(request).riding.of(ids)
    shown = {one: _ride(request, ride) for one, ride in rides.items()}
    colds = await colds_of(request, ids)
    return [
        _delivery(one, rx, links[one.id], {"ride": shown.get(one.id), "cold": colds.get(one.id)})
        for one, rx in found
    ]


def _ride(request: web.Request, one: Ride) -> Json:
    """A RobotRide."""
    names = ("transport", "stage", "why", "pick", "drop", "state", "robot", "reason")
    fleet = request.config_dict.get(ROBOTS)
    eta = eta_item(fleet.master, one.transport, now_ms(request)) if fleet else None
    told = {"reason_code": json.loads(one.code) if one.code else None, "eta": eta}
    return {**{name: getattr(one, name) for name in names}, **told}


def _delivery(one: Delivery, rx: Prescription, chain: list[Link], how: Json) -> Json:
    kept = asdict(one)
    for name in ("id", "dispense", "prescription", "changed_by", "changed_ms"):
        kept.pop(name)
    links = [asdict(link) for link in chain]
    whose = {"prescription": rx.number, "patient": patient(rx)}
    return {**kept, **whose, "possible": possible(DELIVERY_STEPS, one.state), "custody": links, **how}
