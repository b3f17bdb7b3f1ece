"""The demo's conference: planned for soon, agreed upon, with two patients of the ward.

await plan_conference(controller_config)         # once; after the accounts were handed out

The physician leads it, the radiologist has accepted, the nurse is asked to present. Both patients agree.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.clock import SystemClock
from controller.conferences.items import Chosen
from controller.conferences.model import Answer, Asked, Conference, Member, Person, Plan, Profile, Request
from controller.conferences.service import ConferenceService
from controller.conferences.sharing import Said, Shared
from controller.conferences.states import AnswerState
from controller.config import load
from controller.errors import BadSignature
from controller.identity.certificates import By
from controller.patients.register import Patients
from controller.prescriptions.books import Books as Prescriptions
from controller.signing.model import Signed
from controller.store import Store
from hil.ward import NURSE

SOON_MS, HOUR_MS = 10 * 60_000, 3_600_000
_PHYSICIAN, _RADIOLOGY = By("physician"), By("radiology")
_INTENSIVE, _RADIOLOGIST = "408478003", "394914008"
"""SNOMED CT (controller/conferences/specialities.py)."""
_QUESTIONS: Mapping[str, str] = {
    "DEMO-0001": "Which anticoagulant, and from when on?",
    "DEMO-0002": "Can the patient leave intensive care?",
}
_HISTORY = "Admitted yesterday. This is a made-up patient of the demo.\nStable since the night."


async def plan_conference(controller_config: Path) -> None:
    """If there is no conference yet."""
    store, clock = await Store.open(load(controller_config).database), SystemClock()
    try:
        if await store.read("SELECT 1 FROM conference LIMIT 1"):
            return
        service = ConferenceService(store, clock, nothing_signed, Prescriptions(store, clock))
        for by, code, name in (
            (_PHYSICIAN, _INTENSIVE, "Dr. Physician"),
            (_RADIOLOGY, _RADIOLOGIST, "Dr. Radiology"),
        ):
            person = Person("", by.actor)
            if await service.directory.find(person) is None:
                profile = Profile(name, (code,), "Sample Hospital", ("en", "zh"))
                await service.directory.say(person, profile, 0, by)
        made = await _asked(service, Patients(store, clock))
        await service.conferences.answer(made.number, Answer(AnswerState.ACCEPTED), _RADIOLOGY)
        for case in made.cases:
            await _prepare(service, made, case.id, case.identifier)
    finally:
        await store.close()


async def _asked(service: ConferenceService, patients: Patients) -> Conference:
    cases = [
        Asked(one, (await patients.find(one)).name, question, 10, NURSE)
        for one, question in _QUESTIONS.items()
    ]
    members = [
        Member(Person("", _PHYSICIAN.actor), "", "chair", required=True),
        Member(Person("", _RADIOLOGY.actor), "", "expert", required=True),
        Member(Person("", NURSE), "", "presenter", required=False),
    ]
    plan = Plan("Ward conference", service.books.utc_ms() + SOON_MS, 30)
    return await service.conferences.request(Request(plan, members, cases), _PHYSICIAN)


async def _prepare(service: ConferenceService, made: Conference, case: int, patient: str) -> None:
    """The patient agrees; the last day's vital signs and a word about the history are chosen."""
    await service.sharing.say(Shared(patient, made.entity), Said("permit", "en"), _PHYSICIAN)
    now_ms = service.books.now_ms()
    span = {"from_ms": now_ms - 24 * HOUR_MS, "to_ms": now_ms + HOUR_MS}
    for chosen in (
        Chosen("vitals", span, "The last day"),
        Chosen("document", {"text": _HISTORY}, "History"),
    ):
        await service.items.choose(made.number, case, chosen, _PHYSICIAN)


def nothing_signed(*_: Any) -> Signed:
    """The check of who signs nothing. Raises BadSignature."""
    raise BadSignature("nothing is signed while the demo is prepared", "demo")
