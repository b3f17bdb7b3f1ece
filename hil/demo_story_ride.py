"""A delivery of the demo's story goes to its ward by robot: sent, loaded, driven, taken out by PIN.

await brought(story, "SD00000001", "RX00000001")
"""

import asyncio

from controller.robots.told import Stage
from hil.demo_story_people import Person
from hil.demo_story_told import CAST, Json, Story
from hil.errors import NotReady

PICK, DROP = "pharmacy", "ward-a"
"""Stations of the demo's map."""
DRAWER = 2
_LOOK_S, _TELL_S, _FOLLOWS_S, _PATIENCE_S = 0.5, 10.0, 60.0, 900.0
_TRANSPORTS = "/api/robots/transports"
_GOES = {
    Stage.WANTED: "no robot has it yet",
    Stage.ASSIGNED: f"goes to {PICK}",
    Stage.PICKED: f"drives to {DROP}",
}


async def brought(story: Story, delivery: str, rx: str) -> None:
    """From the pharmacy to a nurse of the ward."""
    pia, nina = story.cast["pia"], story.cast["nina"]
    [one] = [one for one in (await pia.get("/api/deliveries"))["deliveries"] if one["number"] == delivery]
    sent = await pia.send("PUT", f"/api/deliveries/{delivery}/robot", one["revision"], pick=PICK, drop=DROP)
    path = f"{_TRANSPORTS}/{sent['ride']['transport']}"
    await story.step(
        f"pia sends it by robot: {delivery}, from {PICK} to {DROP}", page="/robots", who="pharmacist"
    )
    robot = await _waits(story, path, pia, Stage.ASSIGNED)
    await _opens(pia, path)
    await story.step(
        f"{robot} is there; pia opens drawer {DRAWER} by her PIN, and puts it in",
        page="/robots",
        who="pharmacist",
    )
    await _waits(story, path, nina, Stage.PICKED)
    await _opens(nina, path)
    got = await _received(nina, rx)
    await _put_away(pia)
    await story.step(
        f"{robot} is there; nina opens drawer {DRAWER} by her PIN, and has received it",
        f"who had it: {chain(got)}",
        page="/round",
        who="nurse; Deliveries",
    )


def chain(delivery: Json) -> str:
    """Who had a delivery, one after the other, and how that is known."""
    return " → ".join(f"{one['holder']} ({one['spot']}, by {one['verified']})" for one in delivery["custody"])


async def _waits(story: Story, path: str, person: Person, stage: Stage) -> str:
    """Until the robot stands there for a person's hands; tells meanwhile when. Gives its name."""
    loop = asyncio.get_running_loop()
    until, told, told_s = loop.time() + _PATIENCE_S, "", 0.0
    while loop.time() < until:
        await _empty(story)
        one = (await person.get(path))["transport"]
        if one["waits_here"] and one["state"] == stage:
            return one["robot"]
        if one["state"] not in _GOES:
            raise NotReady(f"{one['id']} is {one['state']}: {one['why']}: see {story.board}/robots")
        goes = f"waits at {PICK}" if one["waits_here"] else _GOES[one["state"]]
        words = " ".join(filter(None, (one["robot"], goes)))
        if words != told or loop.time() - told_s > _TELL_S:
            story.note(f"{words}: {_when(one['eta'])}")
            told, told_s = words, loop.time()
        await asyncio.sleep(_LOOK_S)
    raise NotReady(f"the robot was not there after {_PATIENCE_S:.0f} s: {story.board}/robots says why")


async def _opens(person: Person, path: str) -> None:
    """The drawer, as soon as the robot says so. It goes on by itself when a person's hands had their time."""
    await person.send("PUT", f"{path}/drawer", drawer=DRAWER, **person.shown)
    loop = asyncio.get_running_loop()
    until = loop.time() + _FOLLOWS_S
    while (drawer := (await person.get(path))["transport"]["drawer"])["state"] == "asked":
        if loop.time() > until:
            raise NotReady(f"the robot has not said that it opened drawer {DRAWER}: see /robots")
        await asyncio.sleep(_LOOK_S)
    if drawer["state"] != "open":
        raise NotReady(f"drawer {DRAWER} did not open: {drawer['why']}")


async def _empty(story: Story) -> None:
    """What an earlier story left in a robot comes back to the pharmacy: pia takes it out."""
    pia = story.cast["pia"]
    for one in (await pia.get(_TRANSPORTS, open="1"))["transports"]:
        if one["state"] == Stage.RETURNING and one["waits_here"] and one["asked_by"] in CAST:
            await pia.send("PUT", f"{_TRANSPORTS}/{one['id']}/taken", taken=True)
            story.note(f"{one['robot']} has brought {one['subject']} back: pia takes it out")


async def _put_away(pia: Person) -> None:
    """What was withdrawn of an earlier story, and is in somebody's hands again, came back."""
    for one in (await pia.get("/api/deliveries"))["deliveries"]:
        if one["coming_back"] and one["custody"][-1]["holder"] in CAST:
            path = f"/api/deliveries/{one['number']}/state"
            await pia.send("PUT", path, one["revision"], state="abandoned", why="of an earlier story")


async def _received(nina: Person, rx: str) -> Json:
    """The delivery, as soon as it is hers."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _FOLLOWS_S
    while (one := (await nina.get(f"/api/prescriptions/{rx}"))["deliveries"][-1])["state"] != "completed":
        if loop.time() > until:
            raise NotReady(f"{one['number']} is {one['state']} although nina opened its drawer: see /robots")
        await asyncio.sleep(_LOOK_S)
    return one


def _when(eta: Json | None) -> str:
    if eta is None or eta["ms"] is None:
        return f"nobody can say when ({eta['why']})" if eta else "nobody can say when"
    low, most, high = (f"{(eta[name] or 0) / 1000:.0f}" for name in ("low_ms", "ms", "high_ms"))
    return f"on the ward in about {most} s" + (f" ({low} to {high})" if eta["high_ms"] is not None else "")
