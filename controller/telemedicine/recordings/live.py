"""Who in a room has agreed to a recording, and what follows from that: pure, time is passed in.

    live = Live(recording, Whose("patient:4711", None))
    live.said["ben"] = "permit"
    live.missing(seats, now_ms)          # [Party("patient:4711", "", "patient")]
    live.following(seats, now_ms)        # (RecordingState.PAUSED, "not-agreed"); None: it goes on as it is

Everybody who sits there has to agree, whichever site they are of, and the patient of a visit in any case: at
the bedside there may be no page for them. A conference has none (`whose` is None).
"""

from collections.abc import Collection

from controller.telemedicine.model import Word
from controller.telemedicine.recordings.model import Recording, Whose
from controller.telemedicine.recordings.states import RecordingState
from controller.telemedicine.rooms.seat import Json, Party, Seat

_S = RecordingState
Step = tuple[RecordingState, str]
"""To which state, and why."""


class Live:
    """A recording that has not stopped. `seat`: of the page that records; `run`: how often it ran."""

    def __init__(self, recording: Recording, whose: Whose | None, *, seat: int, run: int = 0) -> None:
        self.recording = recording
        self.state = recording.state
        self.whose = whose
        self.said: dict[str, Word] = {recording.by: "permit"}
        self.seat = seat
        self.run = run
        self.alone_ms: int | None = None
        """Since when nobody is in the room."""

    def has_agreed(self, actor: str, now_ms: int) -> bool:
        """Whether this one may be recorded now."""
        if self.whose is not None and actor == self.whose.actor:
            return self.whose.consent is not None and self.whose.consent.holds(now_ms)
        return self.said.get(actor) == "permit"

    def missing(self, seats: Collection[Seat], now_ms: int) -> list[Party]:
        """Who has not agreed; a patient who has no seat has no name here."""
        there = {one.party.actor: one.party for one in seats}
        if self.whose is not None:
            there.setdefault(self.whose.actor, Party(self.whose.actor, "", "patient"))
        return [party for actor, party in there.items() if not self.has_agreed(actor, now_ms)]

    def following(self, seats: Collection[Seat], now_ms: int) -> Step | None:
        """What has to become of it now, if anything."""
        if self._is_taken_back(seats):
            return _S.STOPPED, "taken-back"
        is_here = any(one.number == self.seat and not one.is_quiet for one in seats)
        why = "not-agreed" if self.missing(seats, now_ms) else "" if is_here else "page-gone"
        if self.state in (_S.ASKED, _S.PAUSED):
            return None if why else (_S.AGREED, "")
        return ((_S.PAUSED if self.run else _S.ASKED), why) if why else None

    def told(self, seats: Collection[Seat], now_ms: int) -> Json:
        """For everybody in the room."""
        missing = [{"name": one.name, "part": one.part} for one in self.missing(seats, now_ms)]
        agreed = [one.number for one in seats if self.has_agreed(one.party.actor, now_ms)]
        who = {"seat": self.seat, "agreed": agreed, "missing": missing}
        names = {one.party.actor: one.party.name for one in seats}
        by = names.get(self.recording.by, self.recording.by)
        told = {"number": self.recording.number, "state": self.state, "by": by}
        return {"kind": "recording", **told, **who}

    def _is_taken_back(self, seats: Collection[Seat]) -> bool:
        consent = self.whose.consent if self.whose else None
        if consent and consent.said == "withdrawn" and consent.at_ms >= self.recording.asked_ms:
            return True
        return any(self.said.get(one.party.actor) == "withdrawn" for one in seats)
