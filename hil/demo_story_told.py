"""Who plays the demo's story of a medicine, and how it is told: steps in plain words, each with its page.

story = Story(folder, at, cast, Teller(print))
await story.step("pia sends it by robot", "it goes to ward-a", page="/robots", who="pharmacist")
story.note("there in about 40 s")
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from controller.security.permissions import Role
from hil.demo_story_people import At, Person
from hil.ward import Folder

CAST: Mapping[str, Role] = {
    "anna": Role.PHYSICIAN,
    "pia": Role.PHARMACIST,
    "paul": Role.PHARMACIST,
    "nina": Role.NURSE,
    "noah": Role.NURSE,
}
"""By name: whoever has another's login loses it when the story begins."""

Json = dict[str, Any]


class Teller(NamedTuple):
    """`say` is given a line at a time; `waits`: somebody sits there, who looks at each page first."""

    say: Callable[[str], None]
    waits: bool = False

    async def seen(self) -> None:
        """Until whoever sits there has looked."""
        if not self.waits:
            return
        self.say("     Enter: go on")
        came, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(sys.stdin, came.set)
        try:
            await came.wait()
        finally:
            loop.remove_reader(sys.stdin)
        sys.stdin.readline()


@dataclass
class Story:
    """What every act needs."""

    folder: Folder
    at: At
    cast: Mapping[str, Person]
    teller: Teller
    steps: int = 0

    @property
    def board(self) -> str:
        """The address of the pages, as the demo prints it."""
        return self.at.where().replace("127.0.0.1", "localhost")

    def say(self, line: str) -> None:
        """A line of it."""
        self.teller.say(line)

    def act(self, words: str) -> None:
        """Another part begins."""
        self.say("")
        self.say(words)

    async def step(self, words: str, *notes: str, page: str = "", who: str = "") -> None:
        """Something has been done; `page`: where one sees it, as `who`."""
        self.steps += 1
        self.say(f"{self.steps:3}. {words}")
        for one in notes:
            self.note(one)
        if page:
            self.note(f"look: {self.board}{page}" + (f"  ({who})" if who else ""))
            await self.teller.seen()

    def note(self, words: str) -> None:
        """More about the step."""
        self.say(f"     {words}")
