"""Pictures that a crew took: each is kept on the box's disk until the hospital has every byte of it.

pictures = Pictures(data / "crew" / "pictures", clock, ways)
await pictures.load(case.content)             # of what an earlier start kept, only what was told stays
await pictures.keep(digest, data)            # on the disk when it returns, and not under way yet
await pictures.release(digest, size, stay)   # what it is has been told: it goes
await pictures.told(arguments)               # the hospital says how far it has come
await pictures.run()

The journal never holds more than a few blocks of them: the file is the copy that lasts. So whatever the
journal gives up, and whatever a start in the middle forgets, is sent again from the file; a chunk that comes
twice is one.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from devices.model.observation import Instant
from devices.model.orders import Arguments
from devices.wire.records import Attachment
from gateway.clock import Clock
from gateway.crew.content import Content
from gateway.enrolment import files
from gateway.errors import CrewRefused, NotKept

CHUNK = 8192
"""Bytes of one block: nothing that is more urgent waits long behind it."""
MOST_UNDER_WAY = 16
"""Blocks of the lane of bulk without a receipt beyond which no more are made."""
PAUSE_S, ROOM_S, RETRY_S = 0.05, 0.5, 5.0
"""Between two blocks; until there is looked for room again; after the disk refused something."""
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 3600.0
"""When every block has its receipt and nobody says that the picture is there, it goes again after so long."""
MOST_BYTES = 512 * 1024 * 1024
"""Of all that is kept on the box."""
REMEMBERED = 200
"""Pictures of which it is known how far they came."""

_FILE = re.compile(r"[0-9a-f]{64}")

log = logging.getLogger(__name__)


class State(StrEnum):
    """How far a picture has come."""

    KEPT = "kept"
    """On the box's disk."""
    SENT = "sent"
    """Every byte is under way."""
    RECEIVED = "received"
    """The hospital has all of it."""
    ARCHIVED = "archived"
    """In the archive of images."""
    REFUSED = "refused"
    """The archive did not take it: the hospital keeps it, and `why` says what is wrong."""


_ORDER = tuple(State)


@dataclass(slots=True)
class Picture:
    """One, of `size` bytes, of the patient of `stay`."""

    size: int
    stay: str
    state: State = State.KEPT
    why: str = ""

    @property
    def is_here(self) -> bool:
        """Whether nobody but this box has all of it."""
        return self.state in (State.KEPT, State.SENT)


class PictureWays(NamedTuple):
    """What is needed of the gateway."""

    attach: Callable[[Attachment], Awaitable[None]]
    """Into the journal, on the lane of bulk. Raises NotKept."""
    under_way: Callable[[], int]
    """Blocks of that lane without a receipt."""


@dataclass(slots=True)
class Pictures:
    """Kept in `folder`: a file each, by its SHA-256, and `state.json`."""

    folder: Path
    clock: Clock
    ways: PictureWays
    changed: Callable[[], None] = lambda: None
    held: dict[str, Picture] = field(default_factory=dict[str, Picture])
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _next: dict[str, int] = field(default_factory=dict[str, int])
    """Of what goes now: the next byte."""
    _quiet: dict[str, tuple[Instant, float]] = field(default_factory=dict[str, tuple[Instant, float]])
    """Of what was sent and not heard of: since when, and how long to wait, s."""

    def show(self, pictures: Iterable[dict[str, Any]]) -> None:
        """Say of each how far it has come."""
        for one in pictures:
            held = self.held.get(one["digest"])
            one["state"], one["why"] = (held.state.value, held.why) if held else ("", "")

    async def load(self, content: Content) -> None:
        """Take up what an earlier start kept: of the patient on board, what was told is to be sent."""
        try:
            await asyncio.to_thread(self._load, {one["digest"] for one in content.pictures}, content.stay_id)
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.error("%s cannot be used: pictures of earlier rides wait there: %s", self.folder, error)

    async def keep(self, digest: str, data: bytes) -> None:
        """Put it on the disk. Raises CrewRefused: there is no room; NotKept."""
        if sum(one.size for one in self.held.values() if one.is_here) + len(data) > MOST_BYTES:
            raise CrewRefused(507, "the box keeps no more pictures until the hospital has some of them")
        await self._on_disk(lambda: self._write(digest, data))

    async def drop(self, digest: str) -> None:
        """Nothing was told of it: it goes. Raises NotKept."""
        if digest not in self.held or not self.held[digest].is_here:
            await self._on_disk(lambda: files.remove(self.folder / digest))

    async def release(self, digest: str, size: int, stay: str) -> None:
        """What it is has been told of the patient of `stay`: from now on it is under way. Raises NotKept."""
        self.held[digest] = Picture(size, stay)
        await self._save()

    async def told(self, arguments: Arguments) -> None:
        """The command PICTURE: how far one has come; a step back is old news. Raises NotKept."""
        digest, why = str(arguments["digest"]), str(arguments["why"])
        one, new = self.held.get(digest), State(arguments["state"])
        if one is None or one.stay != arguments["stay"] or _ORDER.index(new) <= _ORDER.index(one.state):
            return
        self.held[digest] = Picture(one.size, one.stay, new, why)
        self._quiet.pop(digest, None)
        self._next.pop(digest, None)
        await self._save()
        await self._on_disk(lambda: files.remove(self.folder / digest))

    async def run(self) -> None:
        """Send what is here, until cancelled."""
        while True:
            self._news.clear()
            for digest, one in list(self.held.items()):
                if one.state is State.KEPT:
                    await self._send(digest, one)
                elif one.state is State.SENT:
                    await self._doubt(digest, one)
            try:
                async with asyncio.timeout(self._wait_s()):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _wait_s(self) -> float | None:
        states = {one.state for one in self.held.values()}
        if State.KEPT in states:
            return ROOM_S if self._next else RETRY_S
        return RETRY_S if State.SENT in states else None

    async def _send(self, digest: str, one: Picture) -> None:
        try:
            data = await asyncio.to_thread((self.folder / digest).read_bytes)
            for offset in range(self._next.get(digest, 0), len(data), CHUNK):
                if self.held.get(digest) is not one or self.ways.under_way() >= MOST_UNDER_WAY:
                    return  # the hospital has it, or there is no room
                chunk = data[offset : offset + CHUNK]
                attachment = Attachment(self.clock.now(), bytes.fromhex(digest), len(data), offset, chunk)
                await self.ways.attach(attachment)
                self._next[digest] = offset + CHUNK
                await asyncio.sleep(PAUSE_S)
            one.state = State.SENT
            self._next.pop(digest, None)
            await self._save()
        except (OSError, NotKept) as error:
            log.warning("picture %s waits on the box: %s", digest[:8], error)

    async def _doubt(self, digest: str, one: Picture) -> None:
        """The journal may have given up some of it: then it goes again, less and less often."""
        now = self.clock.now()
        since, wait_s = self._quiet.get(digest, (now, FIRST_WAIT_S))
        if self.ways.under_way():
            since = now
        elif now - since > wait_s * 1e9:
            one.state, since, wait_s = State.KEPT, now, min(2 * wait_s, LONGEST_WAIT_S)
            self._news.set()
        self._quiet[digest] = since, wait_s

    def _load(self, told: set[str], stay: str) -> None:
        files.make_folder(self.folder)
        path = self.folder / "state.json"
        kept = json.loads(path.read_bytes()) if path.exists() else {}
        self.held = {
            digest: Picture(one["size"], one["stay"], State(one["state"]), one["why"])
            for digest, one in kept.items()
        }
        for file in self.folder.iterdir():
            known = self.held.get(file.name)
            if file.suffix == ".new" or (known is not None and not known.is_here):
                files.remove(file)
            elif known is None and _FILE.fullmatch(file.name):
                if file.name in told:
                    self.held[file.name] = Picture(file.stat().st_size, stay)
                else:
                    files.remove(file)

    def _write(self, digest: str, data: bytes) -> None:
        files.make_folder(self.folder)
        files.write_whole(self.folder / digest, data)

    async def _save(self) -> None:
        """It is so once the file says so; what is nowhere but here is not forgotten."""
        gone = [digest for digest, one in self.held.items() if not one.is_here]
        for digest in gone[: max(0, len(gone) - REMEMBERED)]:
            del self.held[digest]
        kept = json.dumps({digest: asdict(one) for digest, one in self.held.items()}).encode()
        await self._on_disk(lambda: files.write_whole(self.folder / "state.json", kept))
        self.changed()
        self._news.set()

    async def _on_disk(self, work: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(work)
        except OSError as error:
            raise NotKept(f"{self.folder}: {error.strerror}: check rights and space there") from error
