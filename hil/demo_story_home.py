"""The second part of the demo's story: the same medicine goes home, and the patient says the code for it.

number, patient = await at_home(story)         # "RX00000002", the patient's phone
await shown_to_you(story)
"""

from hil.demo_home import OUT_PATIENT
from hil.demo_medicines import PATIENTS
from hil.demo_story_people import Person, Screen
from hil.demo_story_ride import chain
from hil.demo_story_told import Json, Story
from hil.demo_story_ward import RX, hand_out, prescribe

_COURIER = "courier Carl"
_MONTH: Json = {
    "setting": "community",
    "timing": {"rhythm": "every", "hours": 24},
    "quantity": {"value": "30", "unit": "{tablet}"},
    "days": 30,
    "repeats": 1,
    "reason": "no thrombosis after the new hip",
}


async def at_home(story: Story) -> tuple[str, Screen]:
    """A pack of 30 tablets from the pen to the patient's door; gives its prescription's number, and the
    patient's phone."""
    story.act("The same medicine goes home")
    rx = await prescribe(story, OUT_PATIENT, _MONTH, delivery="home", page="/prescriptions")
    ready = await hand_out(story, rx, "30", "home")
    await story.step(
        f"it is ready: {ready.delivery}, and the pharmacy is told six digits for the patient, this once",
        page="/pharmacy",
        who="pharmacist; Deliveries",
    )
    patient = await _invited(story)
    pia = story.cast["pia"]
    on_its_way = await _of(pia, rx["number"])
    path = f"/api/deliveries/{ready.delivery}"
    hand = {"holder": _COURIER, "spot": "on the road", "seal": "S-17"}
    on_its_way = await pia.send("PUT", f"{path}/custody", on_its_way["revision"], **hand)
    await story.step(
        f"pia hands it to {_COURIER}, under seal S-17", page="/pharmacy", who="pharmacist; Deliveries"
    )
    [shown] = [one for one in (await patient.get("/api/my"))["deliveries"] if one["number"] == ready.delivery]
    told = await patient.send("POST", f"/api/my/deliveries/{ready.delivery}/code", shown["revision"])
    await story.step(
        f"at the door {patient.name}'s phone shows a code: {told['code'][:3]} {told['code'][3:]}",
        "those that were told before open nothing any more",
        page="/my",
        who="the patient's page",
    )
    over = told["delivery"]["revision"]
    got = await pia.send("PUT", f"{path}/received", over, code=told["code"], spot="at the door")
    await story.step(
        f"the courier tells pia the code: {ready.delivery} is received",
        f"who had it: {chain(got)}",
        page="/pharmacy",
        who="pharmacist",
    )
    await _taken(story, patient, rx["number"])
    return rx["number"], patient


async def _of(pia: Person, number: str) -> Json:
    return (await pia.get(f"{RX}/{number}"))["deliveries"][-1]


async def _invited(story: Story) -> Screen:
    """The patient's phone, let in by a nurse's invitation."""
    made = await _invitation(story)
    patient = Screen("Otto Amboss", story.at)
    await patient.send("POST", "/api/my/session", code=made["code"], birth_date=_birth_date())
    await story.step(
        f"nina invites {patient.name}, who opens his page by the code and his birth date",
        page="/invite",
        who="nurse",
    )
    return patient


async def _taken(story: Story, patient: Screen, number: str) -> None:
    medicines = (await patient.get("/api/my"))["medicines"]
    [doses] = [one["doses"] for one in medicines if one["number"] == number]
    due = next(one["due_ms"] for one in doses if one["may"])
    await patient.send("POST", "/api/my/taken", prescription=number, due_ms=due, said="taken")
    await story.step(
        f"{patient.name} takes the first tablet, and ticks it",
        page="/invite",
        who="nurse; what the patient says",
    )


async def shown_to_you(story: Story) -> None:
    """Another invitation, for whoever looks on."""
    made = await _invitation(story)
    address = made["address"].replace("127.0.0.1", "localhost")
    await story.step(
        "nina makes another invitation: it is for you, once",
        f"open {address} and give the birth date {_birth_date()}",
    )


async def _invitation(story: Story) -> Json:
    return await story.cast["nina"].send("POST", f"/api/patients/{OUT_PATIENT}/invitation")


def _birth_date() -> str:
    return PATIENTS[OUT_PATIENT].birth_date
