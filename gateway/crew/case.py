"""The patient on board of one vehicle: what the crew tells is kept, journaled, and shown; and nothing of it
twice, lost, or under the next patient.

case = Case("amb-1", data / "crew", clock, say, random_id)
case.load()
await case.tell(EventKind.MARK, {"code": "defibrillation"}, by="kim")    # in the journal when it returns

An event is written to the file before the journal has it. What an earlier start did not live to tell is told
again, with the same number (`event`), by which whoever reads it knows it.
"""

import asyncio
import copy
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from devices.model.crew import Detail, StayAction, check_told
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.model.orders import Arguments
from gateway.clock import Clock
from gateway.crew.content import Content, When
from gateway.enrolment import files
from gateway.errors import CaseConflict, NotKept

Say = Callable[[DeviceEvent], Awaitable[None]]
"""Puts an event into the journal, and waits until it is there. Raises NotKept."""
Json = dict[str, Any]

_OF_PATIENT = (EventKind.MARK, EventKind.ASSESSMENT, EventKind.REQUEST, EventKind.PICTURE)
"""One touch is enough: whoever is on board and was not entered yet is unknown."""
_WATCHERS = 8
_LONGEST_NAME = 100

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Case:
    """Of `vehicle`, kept in `folder`; `random_id` gives 16 hexadecimal digits that it never gave before."""

    vehicle: str
    folder: Path
    clock: Clock
    say: Say
    random_id: Callable[[], str]
    changed: Callable[[], None] = lambda: None
    boarded: Callable[[Json | None], None] = lambda _: None
    """Told who is on board, None: nobody, whenever that changes and once when it is known."""
    content: Content = field(default_factory=Content)
    watchers: tuple[str, ...] = ()
    _untold: list[tuple[str, Detail, When]] = field(default_factory=list[tuple[str, Detail, When]])
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "case.json"

    def load(self) -> None:
        """Take up what an earlier start kept. A file that cannot be read is set aside, and said."""
        try:
            held = json.loads(self.path.read_bytes()) if self.path.exists() else {}
            self.content = Content(**held.get("content", {}))
            self._untold = [(kind, detail, when) for kind, detail, when in held.get("untold", [])]
        except (OSError, ValueError, TypeError, AttributeError) as error:
            log.error("%s cannot be used: what was told is in the journal: %s", self.path, error)
            self._set_aside()
        self.boarded(self.content.stay)

    def _set_aside(self) -> None:
        with suppress(OSError):  # where it cannot be moved it cannot be written over either, and that is said
            self.path.replace(self.path.with_suffix(".damaged"))

    async def tell(self, kind: EventKind, detail: Detail, by: str) -> None:
        """The crew says so. Raises BadCrew, CaseConflict: it changes nothing; NotKept: it is told later."""
        async with self._busy:
            if kind in _OF_PATIENT and not self.content.stay:
                await self._tell(EventKind.PATIENT, {"action": StayAction.BEGIN}, by)
            await self._tell(kind, detail, by)

    async def tell_untold(self) -> None:
        """Tell what is in no journal yet. Raises NotKept."""
        async with self._busy:
            await self._into_journal()

    async def _tell(
        self, kind: EventKind, detail: Detail, by: str, then: Callable[[Content, When], None] | None = None
    ) -> None:
        """`then`: what is changed together with it."""
        told = self._whole(kind, detail, by)
        if not told["stay"] and kind is not EventKind.CHECKLIST:
            raise CaseConflict("nobody is on board: begin a stay first")
        check_told(kind, told)
        self.content.check(kind, told)
        when = self._now()
        new = copy.deepcopy(self.content)
        new.told(kind, told, when)
        if then:
            then(new, when)
        await self._keep(new, [*self._untold, (kind.value, told, when)])
        await self._into_journal()

    def _whole(self, kind: EventKind, detail: Detail, by: str) -> dict[str, str | int]:
        """With what the box itself knows."""
        is_first = kind is EventKind.PATIENT and detail.get("action") == StayAction.BEGIN
        number = {"id": self.random_id()} if kind is EventKind.REQUEST else {}
        stay = self.random_id() if is_first and not self.content.stay else self.content.stay_id
        return {
            **detail,
            **number,
            "event": self.random_id(),
            "vehicle": self.vehicle,
            "by": by,
            "stay": stay,
        }

    async def _into_journal(self) -> None:
        if not self._untold:
            return
        while self._untold:
            kind, detail, when = self._untold[0]
            await self.say(DeviceEvent(EventKind(kind), self._instant(when), detail))
            self._untold = self._untold[1:]
        await self._keep(self.content, [])

    async def instruct(self, arguments: Arguments) -> None:
        """The command INSTRUCT. Raises CaseConflict, NotKept."""
        await self._hear(lambda content: content.instructed(arguments, self._now()))

    async def answer(self, arguments: Arguments) -> None:
        """The command ANSWER. Raises CaseConflict, NotKept."""
        await self._hear(lambda content: content.answered(arguments, self._now()))

    async def watched(self, arguments: Arguments) -> None:
        """The command WATCHED: known while the box runs."""
        names = [name.strip() for name in str(arguments["by"]).split(",")]
        self.watchers = tuple(name for name in names if name)[:_WATCHERS]
        self.changed()

    async def handed_over(self, arguments: Arguments) -> None:
        """The command HANDED_OVER: that stay ends, unless it has. Raises NotKept: it is told later."""

        def taken(content: Content, when: When) -> None:
            content.handed_over(arguments, when)

        async with self._busy:
            if arguments["stay"] == self.content.stay_id:
                by = f"hospital: {arguments['by']}"[:_LONGEST_NAME]
                await self._tell(EventKind.PATIENT, {"action": StayAction.END}, by, taken)
                return
        await self._hear(lambda content: taken(content, self._now()))

    async def _hear(self, change: Callable[[Content], None]) -> None:
        async with self._busy:
            new = copy.deepcopy(self.content)
            change(new)
            await self._keep(new, self._untold)

    async def _keep(self, content: Content, untold: list[tuple[str, Detail, When]]) -> None:
        """It is so once the file says so. Raises NotKept."""
        kept = json.dumps({"content": asdict(content), "untold": untold}).encode()
        try:
            await asyncio.to_thread(self._write, kept)
        except OSError as error:
            raise NotKept(f"{self.path}: {error.strerror}: check rights and space there") from error
        before, self.content, self._untold = self.content.stay, content, untold
        if before != content.stay:
            self.boarded(content.stay)
        self.changed()

    def _write(self, kept: bytes) -> None:
        files.make_folder(self.folder)
        files.write_whole(self.path, kept)

    def state(self) -> Json:
        """As the page gets it: times in ms of this boot, None where they are not known."""
        offset = self._utc_offset_ms()

        def moment(when: When) -> int | None:
            if when["boot"] == self.clock.block_clock().boot.hex():
                return int(when["ms"] or 0)
            utc_ms = when["utc_ms"]
            return None if utc_ms is None or offset is None else int(utc_ms) - offset

        shown = self.content.shown(moment)
        for entry in shown["assessments"].values():
            entry["value"] = json.loads(entry["value"])
        return {**shown, "watchers": list(self.watchers), "untold": len(self._untold)}

    def _now(self) -> When:
        clock = self.clock.block_clock()
        utc_ms = None if clock.utc_us is None else clock.utc_us // 1000
        return {"boot": clock.boot.hex(), "ms": clock.mono_us // 1000, "utc_ms": utc_ms}

    def _utc_offset_ms(self) -> int | None:
        clock = self.clock.block_clock()
        return None if clock.utc_us is None else (clock.utc_us - clock.mono_us) // 1000

    def _instant(self, when: When) -> Instant:
        """In this boot. Of an earlier boot it is known only where UTC is; else it is now."""
        offset, utc_ms = self._utc_offset_ms(), when["utc_ms"]
        if when["boot"] == self.clock.block_clock().boot.hex():
            return Instant(int(when["ms"] or 0) * 1_000_000)
        if offset is None or utc_ms is None:
            return self.clock.now()
        return Instant((int(utc_ms) - offset) * 1_000_000)
