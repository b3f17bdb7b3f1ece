"""The first part of the demo's story: a medicine is prescribed, signed, handed out, brought by robot, given.

number = await in_hospital(story)              # "RX00000001"

What both parts need is here too: `prescribe`, `hand_out`.
"""

import json
import secrets
from typing import NamedTuple

from hil.demo_medicines import BATCH, EXPIRY
from hil.demo_story_people import Person
from hil.demo_story_ride import brought
from hil.demo_story_told import Json, Story
from hil.errors import NotReady, Refused
from hil.ward import WARD

PATIENT, BED = "DEMO-0001", "bed-1"
RIVAROXABAN, AMLODIPINE = ("rivaroxaban 10", "RIVA10T"), ("amlodipine 5", "AMLO5T")
"""What is typed, and the code of what is meant."""
_ORAL = {"system": "http://snomed.info/sct", "code": "26643006", "display": "Oral route"}
TABLET = {"value": "1", "unit": "{tablet}"}
RX = "/api/prescriptions"
_ONCE: Json = {
    "setting": "inpatient",
    "timing": {"rhythm": "once"},
    "quantity": TABLET,
    "days": 1,
    "reason": "no thrombosis after the new hip",
    "priority": "urgent",
}


class HandedOut(NamedTuple):
    """What is ready: its delivery; the code for the patient ("": none is needed); the pack's own code."""

    delivery: str
    code: str
    pack: str


async def in_hospital(story: Story) -> str:
    """One tablet from the pen to the patient in bed 1; gives its prescription's number."""
    story.act("In the hospital")
    anna = story.cast["anna"]
    await anna.make_key()
    await story.step(
        "anna makes her key to sign with",
        "it leaves her browser encrypted only, by her passphrase: nobody else can sign as anna",
        page="/account",
        who="your own key: physician",
    )
    rx = await prescribe(story, PATIENT, _ONCE, delivery="ward", page=f"/prescriptions#bed={BED}")
    ready = await hand_out(story, rx, TABLET["value"], "Demonstration ward")
    await brought(story, ready.delivery, rx["number"])
    await _given(story, rx, ready.pack)
    await _over(anna, rx["number"])
    await story.step(
        f"anna: the one tablet was given, so {rx['number']} is completed",
        who="physician",
        page=f"/prescriptions#bed={BED}",
    )
    return rx["number"]


async def prescribe(
    story: Story,
    patient: str,
    wanted: Json,
    *,
    delivery: str,
    page: str,
    product: tuple[str, str] = RIVAROXABAN,
) -> Json:
    """Anna writes it, says why she overrides what speaks against it, and signs what she is shown."""
    anna, (search, code) = story.cast["anna"], product
    [choice] = [
        one
        for one in (await anna.get("/api/medicines", text=search))["medicines"]
        if one["medicine"]["code"]["code"] == code
    ]
    whole = {**wanted, "medicine": choice["medicine"], "dose": TABLET, "route": _ORAL}
    body: Json = {"wanted": whole, "delivery": delivery, "replaces": await _before(anna, patient, code)}
    rx = await anna.send("POST", RX, patient=patient, **body)
    hints = [one for one in rx["issues"] if not one["gap"]]
    if reasons := {one["code"]: "known, and looked at" for one in rx["issues"] if one["needs_reason"]}:
        path = f"{RX}/{rx['number']}/draft"
        rx = await anna.send("PUT", path, rx["revision"], **body, reasons=reasons)
    await story.step(
        f"anna prescribes {choice['name_en']} for {rx['patient']['name']} ({patient}): {rx['number']}",
        *(f"the page says: {one['en']}" for one in hints),
        *(f"not checked: {one['en']}" for one in rx["issues"] if one["gap"]),
        *([] if rx["issues"] else ["the checks found nothing against it"]),
        *([f"it replaces {body['replaces']} of an earlier story"] if body["replaces"] else []),
        page=page,
        who="physician",
    )
    return await _signed(story, anna, rx, page)


async def _signed(story: Story, anna: Person, rx: Json, page: str) -> Json:
    shown = await anna.look(f"{RX}/{rx['number']}/document")
    dosage = json.loads(shown.body)["dosageInstruction"][0]["text"]
    asked = await anna.send("POST", f"{RX}/{rx['number']}/cds", shown.revision)
    await story.step(
        "the services of decision support are asked about it before she signs",
        *_told(asked["look"]),
        page=page,
        who="physician",
    )
    path = f"{RX}/{rx['number']}/signature"
    rx = await anna.send("PUT", path, shown.revision, signature=await anna.sign(shown.body))
    await story.step(
        "anna reads the document and signs it, word for word",
        f'"{rx["wanted"]["medicine"]["code"]["display"]}: {dosage}"',
        page=page,
        who="physician",
    )
    return rx


def _told(look: Json | None) -> list[str]:
    """What each service said, in a line or more."""
    told: list[str] = []
    for one in look["answers"] if look else []:
        nothing = f"NOT CHECKED: {one['why']}" if one["code"] else "nothing to say"
        told += [f"{one['title']}: {said['card']['summary']}" for said in one["cards"]] or [
            f"{one['title']}: {nothing}"
        ]
    return told


async def _before(anna: Person, patient: str, code: str) -> str:
    """The number of the same medicine that the patient has from an earlier story; "": none."""
    found = (await anna.get(RX, patient=patient, state="active"))["prescriptions"]
    same = [one["number"] for one in found if one["wanted"]["medicine"]["code"]["code"] == code]
    return same[0] if same else ""


async def hand_out(story: Story, rx: Json, value: str, destination: str) -> HandedOut:
    """Pia looks at the signature and scans a pack, Paul looks, too; then it is ready."""
    pia, paul = story.cast["pia"], story.cast["paul"]
    queue = (await pia.get("/api/pharmacy/queue"))["queue"]
    [task] = [one["task"] for one in queue if one["prescription"]["number"] == rx["number"]]
    path = f"/api/pharmacy/tasks/{task['id']}"
    task = await pia.send("PUT", f"{path}/state", task["revision"], state="accepted")
    signature = await pia.get(f"{path}/signature")
    if not signature["holds"]:
        raise Refused(f"nothing of {rx['number']} may be handed out: {signature['why']}")
    await story.step(
        f"pia takes {rx['number']} out of the pharmacy's queue: the signature of {signature['by']} holds",
        page="/pharmacy",
        who="pharmacist",
    )
    made = await pia.send("POST", f"{path}/dispenses", task["revision"], value=value)
    pack = await _pack(pia)
    path = f"/api/pharmacy/dispenses/{made['number']}"
    made = await pia.send("POST", f"{path}/packs", made["revision"], code=pack, value=value)
    [held] = made["packs"]
    scanned = f"pia scans the pack: GTIN {held['gtin']}, batch {held['batch']}, good until {held['expiry']}"
    await story.step(scanned, pack, page="/pharmacy", who="pharmacist")
    if made["high_alert"]:
        made = await paul.send("PUT", f"{path}/checked", made["revision"])
        await story.step(
            "paul, a second pharmacist, checks it: it is a high-alert medicine",
            page="/pharmacy",
            who="pharmacist-2",
        )
    ready = await pia.send("PUT", f"{path}/completed", made["revision"], destination=destination)
    return HandedOut(ready["delivery"], ready["code"], pack)


async def _pack(pia: Person) -> str:
    """The code of a pack that nobody has scanned yet, as a scanner gives it in the form for people."""
    search, code = RIVAROXABAN
    found = (await pia.get("/api/medicines", text=search))["medicines"]
    [gtin] = [one["gtin"] for one in found if one["medicine"]["code"]["code"] == code]
    return f"(01){gtin.zfill(14)}(17){EXPIRY}(10){BATCH}(21){secrets.token_hex(4)}"


async def _given(story: Story, rx: Json, pack: str) -> None:
    """On the round: wristband, pack and dose are scanned, and a second nurse looks."""
    nina, noah = story.cast["nina"], story.cast["noah"]
    beds = (await nina.get("/api/rounds", ward=WARD))["beds"]
    here = [one for one in beds if one["patient"]["identifier"] == PATIENT]
    if not here:
        raise NotReady(
            f"{PATIENT} lies in no bed of {WARD}: put them there (on the board), and play it again"
        )
    [item] = [one for one in here[0]["items"] if one["prescription"]["number"] == rx["number"]]
    await story.step(
        f"nina goes to {here[0]['bed']} and scans the wristband ({PATIENT}), the pack, and says how much",
        page="/round",
        who="nurse",
    )
    witness = {"witness": noah.shown} if item["needs_witness"] else {}
    given = await nina.send(
        "POST",
        "/api/administrations",
        prescription=rx["number"],
        due_ms=item["due_ms"],
        wristband=PATIENT,
        drug=pack,
        dose=TABLET,
        **witness,
    )
    looked = f", {given['witness']} has looked, too (by PIN)" if given["witness"] else ""
    await story.step(f"given by {given['by']}{looked}: {given['number']}", page="/round", who="nurse")


async def _over(anna: Person, number: str) -> None:
    shown = await anna.look(f"{RX}/{number}")
    await anna.send("PUT", f"{RX}/{number}/state", shown.revision, state="completed")
