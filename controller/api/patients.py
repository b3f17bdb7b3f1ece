"""What is known of patients: whoever sees the patient sees it, an out-patient whoever sees that ward."""

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from controller.api import radiology
from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import context, user, view
from controller.api.patients_schemas import (
    AllergyBody,
    LookedAfterBody,
    MeasurementBody,
    NewPatientBody,
    PatientPersonBody,
)
from controller.api.replaced import replaced, tag
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.patients.measures import MEASURES
from controller.patients.model import Asked, Meant, PatientFacts, Person, Substance
from controller.patients.register import PAGE, Patients

LIST = "/api/patients"
LONGEST = 64


async def patients(request: web.Request) -> web.StreamResponse:
    """GET /api/patients."""
    asked = {name: request.query.get(name, "")[:LONGEST] for name in ("text", "ward", "after")}
    found = await _register(request).listed(await sight(request), Asked(**asked), PAGE + 1)
    last = found[PAGE - 1].identifier if len(found) > PAGE else None
    following = last and f"{LIST}?{urlencode({**asked, 'after': last})}"
    shown = [asdict(one) for one in found[:PAGE]]
    return answer({"server_ms": _now_ms(request), "patients": shown, "next": following})


async def register(request: web.Request) -> web.StreamResponse:
    """POST /api/patients."""
    body = await read_body(request, NewPatientBody)
    who, person = (
        Meant(body.identifier, await own_sight(request)),
        Person(body.birth_date, body.sex, body.name),
    )
    ward = _own_ward(request, body.ward)
    return _told(request, await _register(request).register(who, person, ward, _by(request)))


async def patient(request: web.Request) -> web.StreamResponse:
    """GET /api/patients/{identifier}."""
    identifier = request.match_info["identifier"]
    return _told(request, await _register(request).find(identifier, await sight(request)))


async def person(request: web.Request) -> web.StreamResponse:
    """PUT /api/patients/{identifier}/person."""
    who, body = await _replaced(request), await read_body(request, PatientPersonBody)
    said = Person(body.birth_date, body.sex, body.name)
    return _told(request, await _register(request).set_person(who, said, _by(request)))


async def look_after(request: web.Request) -> web.StreamResponse:
    """PUT /api/patients/{identifier}/ward."""
    who, body = await _replaced(request), await read_body(request, LookedAfterBody)
    ward = None if body.ward is None else _known_ward(request, body.ward)
    return _told(request, await _register(request).look_after(who, ward, _by(request)))


async def add_allergy(request: web.Request) -> web.StreamResponse:
    """POST /api/patients/{identifier}/allergies."""
    who, body = await _meant(request), await read_body(request, AllergyBody)
    return _told(request, await _register(request).add_allergy(who, _substance(body), _by(request)))


async def no_known_allergies(request: web.Request) -> web.StreamResponse:
    """PUT /api/patients/{identifier}/no-known-allergies."""
    who = await _replaced(request)
    return _told(request, await _register(request).say_no_known_allergies(who, _by(request)))


async def change_allergy(request: web.Request) -> web.StreamResponse:
    """PUT /api/patients/{identifier}/allergies/{id}."""
    who, body, number = await _replaced(request), await read_body(request, AllergyBody), _number(request)
    changed = await _register(request).change_allergy(who, number, _substance(body), _by(request))
    return _told(request, changed)


async def measure(request: web.Request) -> web.StreamResponse:
    """POST /api/patients/{identifier}/measurements."""
    who, body = await _meant(request), await read_body(request, MeasurementBody)
    if body.unit != MEASURES[body.kind].unit:
        raise BadRequest(
            f"expected {body.kind} in {MEASURES[body.kind].unit}, got {body.unit!r:.40}: convert it"
        )
    register, at_ms = _register(request), body.at_ms
    return _told(request, await register.measure(who, body.kind, body.value, _by(request), at_ms=at_ms))


async def sight(request: web.Request) -> Sight:
    """Whose facts the one who asks may see: as of images, and the out-patients of the wards that one sees."""
    return await _with_out_patients(request, radiology.sight(request))


async def own_sight(request: web.Request) -> Sight:
    """The same, without those for whom the glass was broken."""
    return await _with_out_patients(request, radiology.own_sight(request))


async def _with_out_patients(request: web.Request, seen: Sight) -> Sight:
    wards = view(request).wards
    if seen.patients is None or wards is None:
        return seen
    return Sight(seen.patients | await _register(request).of_wards(wards), seen.held)


async def _meant(request: web.Request) -> Meant:
    """Breaking the glass lets a person look, not change."""
    return Meant(request.match_info["identifier"], await own_sight(request))


async def _replaced(request: web.Request) -> Meant:
    return Meant(request.match_info["identifier"], await own_sight(request), replaced(request))


def _own_ward(request: web.Request, ward: str) -> str:
    if not view(request).shows(ward, None):
        raise NotFound(f"there is no ward {ward!r:.80}: see /api/wards for those there are")
    return _known_ward(request, ward)


def _known_ward(request: web.Request, ward: str) -> str:
    if ward not in context(request).registry.wards:
        raise NotFound(f"there is no ward {ward!r:.80}: see /api/wards for those there are")
    return ward


def _substance(body: AllergyBody) -> Substance:
    return Substance(**body.model_dump())


def _told(request: web.Request, facts: PatientFacts) -> web.Response:
    told: dict[str, Any] = {"server_ms": _now_ms(request), "patient": asdict(facts)}
    return answer(told, headers=tag(facts.revision))


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected the number of an allergy, got {text!r:.40}")
    return int(text)


def _register(request: web.Request) -> Patients:
    return context(request).patients


def _by(request: web.Request) -> By:
    return By(user(request).name, request.remote or "")


def _now_ms(request: web.Request) -> int:
    return context(request).clock.now_us() // 1000
