"""The files of what is in force at the bed: a restart or a power cut loses none of it and repeats none.

file = KeptFile(data / "alarms.json")
file.load()                      # nothing, if it cannot be read
file.save(alarms.kept())         # when something has changed

That of alarms is written after the alarm has been told, which waits for no disk. Whatever ends the box
between the two: what still holds then is raised once more, under another number.
"""

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.enrolment import files
from gateway.errors import IdentityError

log = logging.getLogger(__name__)


@dataclass(slots=True)
class KeptFile:
    """At `path`: whole, whatever ends the box."""

    path: Path

    def load(self) -> list[dict[str, Any]]:
        """What was kept. A file that cannot be read is told: what still holds begins anew."""
        try:
            held = files.read(self.path)
            return [dict(one) for one in json.loads(held or b"[]")]
        except (IdentityError, ValueError, TypeError) as error:
            log.error("%s cannot be used, what still holds begins anew: %s", self.path, error)
            return []

    def save(self, kept: list[dict[str, Any]]) -> None:
        """Keep it in place of what was there. Raises OSError."""
        files.make_folder(self.path.parent)
        files.write_whole(self.path, json.dumps(kept).encode())
