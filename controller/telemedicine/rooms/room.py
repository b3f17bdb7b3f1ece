"""The seats of one room, sans-IO: who is there, and one ordered, acknowledged queue each way for each seat.

    room = Room("TV00000001", epoch, most=12)
    seat = room.join(Sitting(1, page, Party("ben", "Ben", "staff")), now_ms)
    room.check(seat, heard, now_ms)
    while said := heard.next(seat):                         # in order, each once; a repeat changes nothing
        room.pass_on(seat, said)
    for number, message in seat.owed(after=12): ...         # what it has not confirmed

The room is always told whole, so that the latest word wins; only what one seat says to another is queued. Who
makes the offers of a connection (WebRTC) follows from the numbers: of two seats the higher one, the newcomer,
makes all of them, and the other one may only ask for one. So two offers never cross. Whether pages
connect to each other or to a server is the room's way (mode.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.errors import Conflict, Outdated
from controller.telemedicine.rooms.mode import USUAL, Way
from controller.telemedicine.rooms.seat import Json, Party, Seat

QUIET_MS = 15_000
"""A seat that was not heard for so long is said to be; a page that is there is heard every few seconds. It
may be gone, or reach all but the controller: connections to it go on as long as they work."""
GONE_MS = 30_000
"""After so long it is taken away; sooner if the same person came by another page since."""
ROOM = 0
"""What is said to the room itself: no seat has that number."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Which page of whom has which number: kept, and nobody else's."""

    number: int
    page: bytes
    party: Party


@dataclass(frozen=True, slots=True)
class Said:
    """To whom (a seat's number, or ROOM), and what."""

    to: int
    body: Json


@dataclass(frozen=True, slots=True)
class Heard:
    """What a page says, numbered from `first` on, in the life of the controller that it knows."""

    epoch: str
    first: int
    said: Sequence[Said]

    def next(self, seat: Seat) -> Said | None:
        """The first that was not heard yet; None: all was."""
        at = seat.heard + 1 - self.first
        return self.said[at] if at < len(self.said) else None


class Room:
    """During one life (`epoch`) of the controller. `most`: seats, if there is a server for the pictures."""

    def __init__(self, name: str, epoch: str, most: int, way: Way = USUAL) -> None:
        self.name = name
        self.epoch = epoch
        self.seats: dict[int, Seat] = {}
        self.way = way
        self.has_sfu = False
        self._most = most

    def restore(self, known: Sitting, now_ms: int) -> None:
        """Who was here when the controller ended is here still, and has time to say so: else whoever comes
        back first would be told that nobody else is, and hang up on all."""
        self.seats[known.number] = Seat(known.number, known.page, known.party, now_ms)

    def replaced(self, known: Sitting) -> list[Seat]:
        """The quiet ones, which go for this page to come into a full room."""
        if known.number in self.seats or len(self.seats) < self.fit:
            return []
        return [one for one in self.seats.values() if one.is_quiet]

    @property
    def fit(self) -> int:
        """Seats that there may be now."""
        return self.way.most(self._most, has_sfu=self.has_sfu)

    def join(self, known: Sitting, now_ms: int) -> Seat:
        """The seat of this page: the one it has, or a new one of that number.

        Raises Conflict: the room is full.
        """
        seat = self.seats.get(known.number)
        if seat is None:
            if len(self.seats) >= self.fit:
                raise Conflict(f"expected at most {self.fit} in this room, it is full: one has to leave")
            seat = self.seats[known.number] = Seat(known.number, known.page, known.party, now_ms)
        seat.begin_anew(now_ms)
        self._settle()
        return seat

    def find(self, number: int, actor: str) -> Seat:
        """The seat of that number, if it is this person's. Raises Outdated: there is none, join again."""
        seat = self.seats.get(number)
        if seat is None or seat.party.actor != actor:
            raise Outdated("there is no such seat any more: join again")
        return seat

    def check(self, seat: Seat, heard: Heard, now_ms: int) -> None:
        """The page is there. Raises Outdated: another life of the controller is meant; Conflict: something is
        missing before what it says."""
        if heard.epoch != self.epoch:
            raise Outdated("this controller was started again: join again")
        if heard.first > seat.heard + 1:
            raise Conflict(f"expected what was said from {seat.heard + 1} on, got it from {heard.first} on")
        seat.heard_ms = now_ms
        if seat.is_quiet:
            seat.is_quiet = False
            self.tell_all()

    def pass_on(self, seat: Seat, said: Said) -> None:
        """To whom it is for, if that seat is there; it is heard now."""
        seat.heard += 1
        if (to := self.seats.get(said.to)) is not None:
            to.tell({"kind": "signal", "from": seat.number, "body": said.body})

    def show(self, seat: Seat, *, audio: bool, video: bool, reduced: dict[str, str], view: int = 0) -> None:
        """What the page sends now."""
        seat.audio, seat.video, seat.reduced, seat.view = audio, video, reduced, view
        self.tell_all()

    def leave(self, number: int) -> Seat | None:
        """The seat is free."""
        seat = self.seats.pop(number, None)
        if seat is not None:
            self._settle()
        return seat

    def sfu(self, *, ready: bool) -> None:
        """There is a server for the pictures from now on, another than before, or there is none."""
        self.has_sfu = ready
        if self.way.mode == "sfu":
            self.way = self.way.anew()
        self._settle()

    def away(self, now_ms: int) -> list[Seat]:
        """Take away those that were not heard for long, or cannot go on; these."""
        gone = [one for one in self.seats.values() if one.is_lost or self._is_gone(one, now_ms)]
        for seat in gone:
            self.leave(seat.number)
        return gone

    def _is_gone(self, seat: Seat, now_ms: int) -> bool:
        if now_ms - seat.heard_ms <= QUIET_MS:
            return False
        came = [one.came_ms for one in self.seats.values() if one.party.actor == seat.party.actor]
        return now_ms - seat.heard_ms > GONE_MS or max(came) > seat.heard_ms

    def quiet(self, now_ms: int) -> bool:
        """Look who was not heard for a while, and tell the others; whether there is anybody more."""
        more = [one for one in self.seats.values() if not one.is_quiet and now_ms - one.heard_ms > QUIET_MS]
        for seat in more:
            seat.is_quiet = True
        if more:
            self.tell_all()
        return bool(more)

    def tell_all(self, message: Json | None = None) -> None:
        """`message`, or how the room stands."""
        for seat in self.seats.values():
            seat.tell(message or self.snapshot(seat))

    def snapshot(self, seat: Seat) -> Json:
        """The room as `seat` is told of it."""
        seats = [
            {"seat": one.number, "name": one.party.name, "part": one.party.part, "audio": one.audio}
            | {"video": one.video, "view": one.view, "reduced": one.reduced, "quiet": one.is_quiet}
            for one in self.seats.values()
        ]
        way = {"mode": self.way.mode, "era": self.way.era}
        return {"kind": "room", "epoch": self.epoch, "me": seat.number, "seats": seats, **way}

    def _settle(self) -> None:
        self.way = self.way.seated(len(self.seats), has_sfu=self.has_sfu)
        self.tell_all()
