"""Keeps Janus running, and the rooms that need it on it: whether it is there, the rooms are told.

media = Media(rooms, Settings("/usr/bin/janus", folder, "eth0", "22000-22999"))
await media.run()                    # until cancelled

When Janus ends it is started again within moments, and each room's pictures are agreed upon anew (an era).
Only if it stays away the rooms go on as a mesh, as well as that can.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from controller.child import Child, guarded
from controller.errors import MediaError
from controller.telemedicine.media import config
from controller.telemedicine.media.config import Started
from controller.telemedicine.media.janus import Janus, connected
from controller.telemedicine.media.videoroom import Json, VideoRoom
from controller.telemedicine.rooms.room import Room
from controller.telemedicine.rooms.seat import Seat
from controller.telemedicine.rooms.service import Rooms

AGAIN_S = 0.1
"""Between attempts to reach Janus that begins."""
AWAY_S = 5.0
"""Janus that is away so long is not waited for."""
BESIDE_S = 20.0
"""A room that is a mesh again keeps its connections with Janus so long: its pages let go of them first."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """See media/config.py."""

    program: str
    folder: Path
    interface: str | None
    rtp_ports: str


class Media:
    """`rooms` hear of it; it takes what their seats say to it."""

    def __init__(self, rooms: Rooms, settings: Settings) -> None:
        self._rooms = rooms
        self._settings = settings
        self.started: Started | None = None
        """The life of Janus that is, or was last."""
        self._janus: Janus | None = None
        self._child = Child("janus", self._command, str(settings.folder / "janus.log"))
        self._halls: dict[str, tuple[VideoRoom, asyncio.Task[None]]] = {}
        self._endings: dict[str, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        rooms.expects_sfu()
        rooms.takers.update(publish=self._publish, subscribed=self._subscribed)
        rooms.watchers.append(self._watch)

    @property
    def pid(self) -> int | None:
        """Janus, while there is one."""
        return self._child.pid

    @property
    def is_ready(self) -> bool:
        """Whether it can be spoken to."""
        return self._janus is not None

    async def run(self) -> None:
        """Until cancelled. Raises ChildError: it cannot be started."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._child.run())
            group.create_task(self._serve())

    async def _serve(self) -> None:
        """One life of Janus after the other."""
        away: asyncio.Task[None] | None = asyncio.create_task(self._without())
        try:
            while True:
                if await self._once(away):
                    away = asyncio.create_task(self._without())
                await asyncio.sleep(AGAIN_S)
        finally:
            away.cancel()
            self._forget()

    async def _once(self, away: asyncio.Task[None]) -> bool:
        """Whether Janus was there, and is gone now."""
        if self.started is None:
            return False
        try:
            async with connected(self.started) as janus:
                away.cancel()
                self._janus = janus
                await self._rooms.sfu(ready=True)
                await janus.gone.wait()
        except MediaError as error:
            _log.debug("%s", error)
            return False
        finally:
            self._janus = None
            self._forget()
        return True

    async def _without(self) -> None:
        await asyncio.sleep(AWAY_S)
        _log.warning("janus is away: rooms go on from each to each")
        await self._rooms.sfu(ready=False)

    def _command(self) -> list[str]:
        settings = self._settings
        self.started = config.prepare(settings.folder, settings.interface, settings.rtp_ports)
        return guarded(config.command(settings.program, settings.folder))

    def _watch(self, room: Room) -> None:
        """Somebody came or went, or the pictures of the room go another way."""
        held = self._halls.get(room.name)
        if room.way.mode == "sfu" and self._janus is not None:
            if held is None or held[0].era != room.way.era:
                self._open(room, self._janus)
            else:
                held[0].keep(set(room.seats))
        elif held is not None and room.name not in self._endings:
            self._endings[room.name] = asyncio.create_task(self._end_later(room.name))

    def _open(self, room: Room, janus: Janus) -> None:
        self._end(room.name)

        async def say(seat: int, body: Json) -> None:
            await self._rooms.answer(room.name, seat, body)

        hall = VideoRoom(janus, room.way.era, say)
        self._halls[room.name] = hall, asyncio.create_task(hall.run())

    async def _end_later(self, name: str) -> None:
        await asyncio.sleep(BESIDE_S)
        self._endings.pop(name)
        self._end(name)

    def _end(self, name: str) -> None:
        """Janus is told, too."""
        if hall := self._stop(name):
            task = asyncio.create_task(_close(hall))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _stop(self, name: str) -> VideoRoom | None:
        if ending := self._endings.pop(name, None):
            ending.cancel()
        hall, task = self._halls.pop(name, (None, None))
        if task:
            task.cancel()
        return hall

    def _forget(self) -> None:
        """Janus is gone, and with it all of them."""
        for name in list(self._halls):
            self._stop(name)

    async def _publish(self, room: Room, seat: Seat, body: Json) -> None:
        if hall := self._hall(room, body):
            hall.publish(seat.number, body["n"], body["sdp"])

    async def _subscribed(self, room: Room, seat: Seat, body: Json) -> None:
        if hall := self._hall(room, body):
            hall.subscribed(seat.number, body["n"], body["v"], body["sdp"])

    def _hall(self, room: Room, body: Json) -> VideoRoom | None:
        """Unless another era is meant."""
        hall, _ = self._halls.get(room.name, (None, None))
        return hall if hall and hall.era == body["era"] else None


async def _close(hall: VideoRoom) -> None:
    try:
        await hall.close()
    except MediaError as error:
        _log.warning("a room's pictures: %s", error)
