"""`wardlink demo --story`: the story of a medicine, played in a demo that runs, by people of its own.

await play(Folder(Path("data")), Teller(print))

They do what people do at the pages, by the same HTTP API: prescribe, sign, hand out, send by robot, take out
of its drawer, give; then the same medicine goes home to an out-patient, who is seen by video afterwards. Each
step says at which page one sees it. docs/story.md tells how to do it by hand.
"""

from pathlib import Path

import aiohttp

from controller.identity.files import FOLDER
from controller.identity.pems import read_certificate
from controller.security.permissions import Role
from controller.signing.verify import verify
from hil.demo_story_home import at_home, shown_to_you
from hil.demo_story_people import At, Person
from hil.demo_story_told import CAST, Story, Teller
from hil.demo_story_video import by_video
from hil.demo_story_ward import in_hospital
from hil.errors import NotReady
from hil.prepare import hand_out_to
from hil.stack import addresses_in
from hil.ward import Folder


async def play(folder: Folder, teller: Teller) -> None:
    """All of it. Raises NotReady, Refused: it stops there."""

    def where() -> str:
        found = addresses_in(folder)
        if found is None:
            raise NotReady(f"no demo runs in {folder.root}: start it first (./run demo), in another terminal")
        return found.http

    where()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        at = At(http, where)
        story = Story(folder, at, await _cast(folder, at), teller)
        story.say(f"The story of a medicine, at {story.board}")
        story.say(f"It is played by {_names()}.")
        story.say(
            "Look on at the pages that it names, as the person in brackets (the demo printed the logins)."
        )
        ward = await in_hospital(story)
        home, patient = await at_home(story)
        video = await by_video(story, patient)
        await shown_to_you(story)
        for rx in (ward, home, video):
            await _proved(story, rx)


async def _cast(folder: Folder, at: At) -> dict[str, Person]:
    """Everybody, logged in: each time by another password that an administrator has handed out."""
    people = {name: Person(name, role, at) for name, role in CAST.items()}
    once = await hand_out_to(folder.controller / "controller.toml", CAST)
    for name, person in people.items():
        await person.log_in(once[name])
    me = await people["pia"].get("/api/me")
    if not me["robots"]:
        raise NotReady("this demo has neither a pharmacy nor robots: start it without --every-model")
    return people


async def _proved(story: Story, number: str) -> None:
    """What was signed, checked as anybody can do it who has the file and the site's root."""
    pia = story.cast["pia"]
    file = story.folder.root / "story" / f"{number}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes((await pia.look(f"/api/prescriptions/{number}/signed")).body)
    root = story.folder.controller / FOLDER / "root.pem"
    held = verify(file.read_bytes(), [read_certificate(root)])
    await story.step(
        f"{number} is checked without the controller: {held.name} ({', '.join(held.roles)}) signed it",
        f"do it yourself: ./run rx verify {_short(file)} --root {_short(root)}",
    )


def _names() -> str:
    of: dict[Role, list[str]] = {}
    for name, role in CAST.items():
        of.setdefault(role, []).append(name)
    return ", ".join(f"{' and '.join(names)} ({role}{'s' * (len(names) > 1)})" for role, names in of.items())


def _short(path: Path) -> str:
    """As one types it in the folder where one is."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
