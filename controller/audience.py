"""Those who watch, by what they may see: each event is cut once for each view, not once for each reader."""

from collections.abc import Callable, Set
from typing import Any

from controller.events import EventStream
from controller.view import View, shown, snapshot_of

Json = dict[str, Any]
IDLE_TICKS = 60
"""So many seconds the stream of a view is kept without a reader, who may come back and resume."""


class _Part:
    """The stream of one view."""

    def __init__(self, stream: EventStream, beds: frozenset[str]) -> None:
        self.stream = stream
        self.beds = beds
        self.idle = 0


class Audience:
    """The streams of all views that have readers; `whole` is that of those who see everything."""

    def __init__(self, whole: EventStream) -> None:
        self._whole = whole
        self._beds: list[Json] = []
        self._parts: dict[View, _Part] = {}
        self._made = 0

    def stream(self, view: View) -> EventStream:
        """The stream of `view`. Its name is its own, so that no reader resumes in another view's."""
        if view.wards is None:
            return self._whole
        if (part := self._parts.get(view)) is None:
            self._made += 1
            name = f"{self._whole.session}.{self._made}"
            part = self._parts[view] = _Part(EventStream(name), view.beds(self._beds))
        return part.stream

    def beds(self, view: View) -> frozenset[str]:
        """Ids of the beds that `view`, which is not of all wards, shows now."""
        part = self._parts.get(view)
        return part.beds if part else view.beds(self._beds)

    def beds_are(self, beds: list[Json]) -> None:
        """Wards, beds or patients changed (BED items): so did what each view shows."""
        self._beds = beds
        for view, part in self._parts.items():
            part.beds = view.beds(beds)

    def publish(self, kind: str, data: Json) -> None:
        """An event, to everyone as far as they see it."""
        self._whole.publish(kind, data)
        for part in self._parts.values():
            if (seen := shown(kind, data, part.beds)) is not None:
                part.stream.publish(kind, seen)

    def gone_to(self, beds: Set[str], everything: Callable[[], Json]) -> None:
        """What was on no bed, and everyone's, is on `beds` now: who does not see them gets a snapshot."""
        without = [part for part in self._parts.values() if beds - part.beds]
        told = everything() if without else {}
        for part in without:
            part.stream.publish("registry", snapshot_of(told, part.beds))

    def forget_idle(self) -> None:
        """Once a second: streams that nobody reads go after a while, for each event costs work for each."""
        for part in self._parts.values():
            part.idle = 0 if part.stream.has_readers else part.idle + 1
        self._parts = {view: part for view, part in self._parts.items() if part.idle < IDLE_TICKS}
