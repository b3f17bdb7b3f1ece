"""Reading blocks back: a few segments' places are kept in memory, every block is checked again."""

from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from gateway.journal.frames import HEADER, scan
from gateway.journal.segment import Segment

_KEPT = 4
_Places = dict[int, tuple[int, int]]


@dataclass(slots=True)
class Reader:
    """Finds blocks in segments."""

    _places: OrderedDict[Path, _Places] = field(default_factory=OrderedDict[Path, _Places])

    def read(self, segment: Segment, number: int) -> bytes | None:
        """The block, or None when its bytes are no longer what they were. Raises OSError."""
        place = self._known(segment).get(number) or self._look(segment).get(number)
        if place is None:
            return None
        with segment.path.open("rb") as file:
            file.seek(place[0] - HEADER)
            data = file.read(place[1] - place[0] + HEADER)
        intact = [found.number for found in scan(data).frames] == [number]
        return data[HEADER:] if intact else None

    def _known(self, segment: Segment) -> _Places:
        return self._places.get(segment.path, {})

    def _look(self, segment: Segment) -> _Places:
        """Read the whole segment, which may have grown."""
        places = {found.number: (found.start, found.end) for found in scan(segment.read()).frames}
        self._places[segment.path] = places
        self._places.move_to_end(segment.path)
        if len(self._places) > _KEPT:
            self._places.popitem(last=False)
        return places
