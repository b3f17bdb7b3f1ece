"""The third part of the demo's story: a visit by video at home, and what was measured there.

number = await by_video(story, patient)        # "RX00000003"
"""

import asyncio
import errno
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from yarl import URL

from hil.demo_home import CUFF, OUT_PATIENT
from hil.demo_story_people import Person, Screen
from hil.demo_story_told import Json, Story
from hil.demo_story_ward import AMLODIPINE, prescribe
from hil.errors import NotReady

_VISITS, _OWN_ROOM = "/api/visits", "/api/visit/room"
_LIFE_S, _CUFF_S = 4.0, 60.0
_OPEN = {"booked": "cancelled", "arrived": "cancelled", "noshow": "cancelled", "in-progress": "fulfilled"}
"""What becomes of visits that an earlier story left."""
_DAILY: Json = {
    "setting": "community",
    "timing": {"rhythm": "every", "hours": 24},
    "quantity": {"value": "28", "unit": "{tablet}"},
    "days": 28,
    "repeats": 1,
    "reason": "high blood pressure",
}
_PLAN: Json = {"what": "blood-pressure", "times": 2, "days": 14}
_PLAIN: Json = {
    "language": "en",
    "talked": "We talked about your blood pressure since the operation.",
    "todo": "Take one tablet of amlodipine each morning. Measure your blood pressure twice a day.",
    "call": "Call us if the upper number is above 180, or if your ankles swell.",
}


async def by_video(story: Story, patient: Screen) -> str:
    """From the link to what the patient reads afterwards; gives the number of what was prescribed."""
    story.act("At home, by video")
    visit = await _agreed_upon(story)
    await _came_in(story, visit, patient)
    anna = story.cast["anna"]
    state = f"{_VISITS}/{visit['number']}/state"
    held = await anna.send("PUT", state, await _revision(anna, visit), state="in-progress")
    reading = await _measured(story, held["visit"], patient)
    rx = await prescribe(story, OUT_PATIENT, _DAILY, delivery="home", page="/visits", product=AMLODIPINE)
    await anna.send("PUT", f"{_VISITS}/{visit['number']}/prescriptions/{rx['number']}")
    await _summed_up(story, visit)
    await anna.send("PUT", state, await _revision(anna, visit), state="fulfilled")
    await _read(story, patient, (visit["number"], rx["number"]), reading)
    return rx["number"]


async def _agreed_upon(story: Story) -> Json:
    nina = story.cast["nina"]
    for left in (await nina.get(_VISITS, patient=OUT_PATIENT))["visits"]:
        if left["host"] == "anna" and (to := _OPEN.get(left["state"])):
            path = f"{_VISITS}/{left['number']}/state"
            await nina.send("PUT", path, left["revision"], state=to, why="of an earlier story")
    soon_ms = (await nina.get(_VISITS, patient=OUT_PATIENT))["utc_ms"] + 120_000
    what = {"patient": OUT_PATIENT, "host": "anna", "start_ms": soon_ms, "reason": "blood pressure"}
    visit = (await nina.send("POST", _VISITS, **what))["visit"]
    await story.step(
        f"nina agrees upon a visit with {visit['patient']['name']}, whom anna will see: {visit['number']}",
        page="/visits",
        who="nurse",
    )
    return visit


async def _came_in(story: Story, visit: Json, patient: Screen) -> None:
    """By a link and a code, as somebody without the hospital's page would; and agrees."""
    made = await story.cast["nina"].send("POST", f"{_VISITS}/{visit['number']}/links", guest="patient")
    link = URL(made["address"]).fragment
    await patient.send("POST", "/api/visit/session", link=link, code=made["code"])
    await patient.send("POST", "/api/visit/consents", scope="video", said="permit")
    await story.step(
        f"{patient.name} opens the link, types the code, agrees, and is in the waiting room",
        "he could come in from his own page as well, without a link",
        page="/visits",
        who="nurse; who is in the waiting room",
    )


async def _measured(story: Story, visit: Json, patient: Screen) -> Json:
    """Both sit in the room when the patient presses the cuff's button; gives the systolic value."""
    anna = story.cast["anna"]
    room = f"{_VISITS}/{visit['number']}/room"
    async with _sitting(patient, _OWN_ROOM), _sitting(anna, room) as seat:
        value, pressure, age_ms = await _told(story, anna, f"{room}/vitals", seat)
    await story.step(
        f"anna begins; {patient.name} presses the button of his cuff: {pressure} mmHg, {age_ms} ms old",
        "from the cuff by Bluetooth to the gateway at home, to the hospital, into the room",
        page="/visits",
        who="physician; open the room",
    )
    return value


@asynccontextmanager
async def _sitting(who: Screen, room: str) -> AsyncIterator[int]:
    """A seat, which is told all the while that somebody is there."""
    seat = await who.send("POST", f"{room}/seats", instance=secrets.token_urlsafe(24))
    here: Json = {"seat": seat["seat"], "epoch": seat["epoch"], "confirms": seat["told"], "first": 1}

    async def stay() -> None:
        while True:
            await asyncio.sleep(_LIFE_S)
            await who.send("POST", f"{room}/said", **here, said=[])

    staying = asyncio.create_task(stay())
    try:
        yield seat["seat"]
    finally:
        staying.cancel()
    await who.send("POST", f"{room}/left", seat=seat["seat"])


async def _told(story: Story, anna: Person, path: str, seat: int) -> tuple[Json, str, int]:
    """The reading that comes after the button was pressed, in words, and its age, ms. Raises NotReady."""
    pressed_ms = 0
    try:
        async with asyncio.timeout(_CUFF_S), anna.listen(path, seat=str(seat)) as told:
            async for kind, data in told:
                if kind == "snapshot" and not pressed_ms:
                    pressed_ms = data["server_ms"]
                    _press(story)
                found = {one["metric"]: one for one in data.get("items", ()) if kind == "values"}
                one = found.get("nibp_sys")
                if one and pressed_ms and one["at_ms"] > pressed_ms and one["value"] is not None:
                    both = f"{one['value']:.0f}/{found['nibp_dia']['value']:.0f}"
                    return one, both, max(data["server_ms"] - one["at_ms"], 0)
    except TimeoutError:
        raise NotReady(f"{CUFF} told nothing within {_CUFF_S:.0f} s: see data/logs/home.log") from None
    raise NotReady("the room told no vital signs any more: play it again")


def _press(story: Story) -> None:
    """The button of the cuff. Raises NotReady: the demo has none."""
    try:
        plug = os.open(story.folder.plug(CUFF), os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        why = errno.errorcode.get(error.errno or 0, "")
        raise NotReady(f"this demo has no {CUFF} ({why}): start it without --every-model") from None
    try:
        os.write(plug, b"measure\n")
    finally:
        os.close(plug)


async def _summed_up(story: Story, visit: Json) -> None:
    anna = story.cast["anna"]
    path = f"{_VISITS}/{visit['number']}"
    noted = (await anna.get(f"{path}/notes"))["notes"]
    await anna.send("PUT", f"{path}/notes", noted["version"], reason="blood pressure", home=[_PLAN])
    before = await anna.get(f"{path}/summary")
    await anna.send("PUT", f"{path}/summary", before["version"], **_PLAIN)
    shown = await anna.look(f"{path}/summary/document")
    signature = await anna.sign(shown.body)
    await anna.send("PUT", f"{path}/summary/signature", shown.revision, signature=signature)
    await story.step(
        "anna sums it up in plain words, and signs that, too", page="/visits", who="physician; the summary"
    )


async def _read(story: Story, patient: Screen, numbers: tuple[str, str], reading: Json) -> None:
    """What the patient has of it on the own page. Raises NotReady: something is not there."""
    visit, rx = numbers
    visits = {one["number"]: one for one in (await patient.get("/api/my/visits"))["visits"]}
    medicines = {one["number"] for one in (await patient.get("/api/my"))["medicines"]}
    home = await patient.get("/api/my/measured")
    values = {one["value"] for one in home["readings"]}
    looked = {one["name"] for one in (await patient.get("/api/my/looks"))["looks"]}
    summary = visits[visit]["summary"]
    if rx not in medicines or reading["value"] not in values or "anna" not in looked or summary is None:
        raise NotReady(f"{patient.name}'s page lacks something of {visit}: play it again")
    [plan] = home["planned"]
    await story.step(
        f"{patient.name} reads on his page: the summary, signed by {summary['signed_by']}; {rx}; the reading",
        f"he is to measure his blood pressure at {' and '.join(plan['at'])}",
        f"who looked at his record: {', '.join(sorted(looked))}",
        page="/my",
        who="the patient's page",
    )


async def _revision(anna: Person, visit: Json) -> int:
    return (await anna.look(f"{_VISITS}/{visit['number']}")).revision
