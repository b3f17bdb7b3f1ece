"""What the service and a worker say to each other: a fixed head, a small JSON, the bytes. No pickles."""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import orjson

from controller.imaging.decode.picture import Frame, Lut, Media, Picture, Rendering

HEAD: Final = struct.Struct("<BIQ")
"""What to do, bytes of JSON, bytes of data."""
ANSWER: Final = struct.Struct("<BQ")
"""DONE, REFUSED (UTF-8 words follow) or BROKEN (where; the worker ends); bytes."""
DONE, REFUSED, BROKEN = 0, 1, 2
ASK: Final = struct.Struct("<cq")
"""To the zygote: FORK (with a socket), or END and a process id."""
TELL: Final = struct.Struct("<q")
"""Its answer: a process id, or how one ended (os.waitpid)."""
FORK, END = b"F", b"E"


class Work(IntEnum):
    """What a worker can do."""

    RENDER = 1
    NATIVE = 2
    ENCODE = 3
    TRANSCODE = 4


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `frame` for all but TRANSCODE, which has `content`."""

    work: Work
    data: bytes
    syntax: str = ""
    """The frame's transfer syntax."""
    picture: Picture | None = None
    how: Rendering | None = None
    target: str = ""
    """The transfer syntax wanted."""

    @property
    def frame(self) -> Frame:
        """The frame to work on."""
        if self.picture is None:
            raise ValueError("a job without a picture has no frame")
        return Frame(self.data, self.syntax, self.picture)

    def details(self) -> bytes:
        """All but the data, as JSON."""
        said = {"syntax": self.syntax, "picture": self.picture, "how": self.how, "target": self.target}
        return orjson.dumps(said)

    def head(self) -> bytes:
        """What goes before the data on the wire."""
        details = self.details()
        return HEAD.pack(self.work, len(details), len(self.data)) + details


def read_job(work: int, details: bytes, data: bytes) -> Job:
    """The other end of `Job.head`."""
    said = orjson.loads(details)
    picture, how = said["picture"], said["how"]
    return Job(
        Work(work),
        data,
        said["syntax"],
        _picture(picture) if picture else None,
        Rendering(**{**how, "media": Media(how["media"])}) if how else None,
        said["target"],
    )


def _picture(said: dict[str, Any]) -> Picture:
    for key in ("modality_lut", "voi_lut"):
        said[key] = Lut(**said[key]) if said[key] else None
    return Picture(**{**said, "palette": tuple(Lut(**lut) for lut in said["palette"])})
