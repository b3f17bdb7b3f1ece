"""Asks all services of a hook at once: each within its own time; what does not answer is "not checked".

desk = Desk(section, caller, looks, clock)
look = await desk.ask(patient_view("anna", facts.identifier, resources), by)
"""

import asyncio
from uuid import uuid4

import orjson

from controller.cds.context import About
from controller.cds.errors import NotChecked
from controller.cds.http import Caller
from controller.cds.looks import Answer, Look, Looks
from controller.cds.model import Discovery, Offered
from controller.cds.section import CdsSection, CdsService
from controller.clock import Clock
from controller.identity.certificates import By

FRESH_S = 600
"""How long what a base address offers is not asked again."""


class Desk:
    """The services of `[cds]`."""

    def __init__(self, section: CdsSection, caller: Caller, looks: Looks, clock: Clock) -> None:
        self._section = section
        self._caller = caller
        self._looks = looks
        self._clock = clock
        self._offered: dict[str, tuple[int, Discovery]] = {}

    def services(self, hook: str) -> list[CdsService]:
        """Those that are asked at `hook`."""
        return [one for one in self._section.services if hook in one.hooks]

    def named(self, name: str) -> CdsService | None:
        """The one that is configured under this name; None: there is none any more."""
        return next((one for one in self._section.services if one.name == name), None)

    async def ask(self, about: About, by: By) -> Look:
        """All of them; what was answered is kept. Raises StoreError."""
        asked_ms, instance = self._looks.now_ms(), str(uuid4())
        async with asyncio.TaskGroup() as together:
            tasks = [
                together.create_task(self._base(one, about, instance, by))
                for one in self.services(about.hook)
            ]
        answers = [answer for task in tasks for answer in task.result()]
        return await self._looks.keep(about, instance, answers, by, asked_ms)

    async def _base(self, service: CdsService, about: About, instance: str, by: By) -> list[Answer]:
        """What all services of one base address for this hook say."""
        began_ms = self._looks.now_ms()
        try:
            offered = [one for one in (await self._discovery(service)).services if one.hook == about.hook]
            if not offered:
                raise NotChecked("not-offered", f"it offers nothing for {about.hook}: see [cds]")
        except NotChecked as error:
            return [self._missed(service, None, error, began_ms)]
        async with asyncio.TaskGroup() as together:
            tasks = [together.create_task(self._one(service, one, about, (instance, by))) for one in offered]
        return [task.result() for task in tasks]

    async def _one(self, service: CdsService, offered: Offered, about: About, how: tuple[str, By]) -> Answer:
        instance, by = how
        began_ms, prefetch = self._looks.now_ms(), about.prefetch(offered.prefetch)
        body = {"hook": about.hook, "hookInstance": instance, "context": about.context, "prefetch": prefetch}
        given = tuple(prefetch)
        await self._looks.note(
            "cds-asked", about, by, service=service.name, hook=about.hook, prefetch=", ".join(given)[:200]
        )
        try:
            cards = await self._caller.call(service, offered.id, orjson.dumps(body))
        except NotChecked as error:
            if error.code == "refused":
                self._offered.pop(service.name, None)
            return self._missed(service, offered, error, began_ms)
        took = self._looks.now_ms() - began_ms
        title = offered.title or offered.id
        return Answer(
            service=service.name,
            id=offered.id,
            title=title,
            took_ms=took,
            sent=given,
            cards=tuple(cards),
        )

    async def _discovery(self, service: CdsService) -> Discovery:
        now_s = self._clock.now_us() // 1_000_000
        at_s, held = self._offered.get(service.name, (0, None))
        if held is None or now_s - at_s > FRESH_S:
            held = await self._caller.discovery(service)
            self._offered[service.name] = now_s, held
        return held

    def _missed(
        self, service: CdsService, offered: Offered | None, error: NotChecked, began_ms: int
    ) -> Answer:
        name, title = (offered.id, offered.title or offered.id) if offered else ("", "")
        took = self._looks.now_ms() - began_ms
        why = str(error)
        return Answer(service=service.name, id=name, title=title, took_ms=took, code=error.code, why=why)
