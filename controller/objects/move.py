"""From the folder into the bucket: copied, each checked by its hash; and taken away from the folder later.

for line in move(data, places): ...          # as often as it takes: what is there already is not sent again
for line in clean(data, places): ...         # reads every object before its file goes

`places`: where kinds are to be. Methods raise ObjectsAway, BadObject; OSError.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from controller.objects.bucket import Bucket
from controller.objects.kinds import image_files
from controller.objects.owner import KEY
from controller.objects.section import IMAGES, RECORDINGS
from controller.objects.sums import Sums, sums
from controller.telemedicine.recordings.endings import FOLDER

Places = Mapping[str, Bucket]
"""By kind."""
_UNFINISHED = ".new"


@dataclass(slots=True)
class Moved:
    """What came of it."""

    copied: int = 0
    there: int = 0
    """Were in the bucket already."""
    bytes: int = 0
    odd: int = 0
    """Files that are not what their names say: they stay where they are."""
    removed: int = 0


def move(data: Path, places: Places, tell: Callable[[str], object]) -> Moved:
    """Copy whatever is not there yet."""
    moved = Moved()
    for path, bucket, key, found in _files(data, places):
        if key is None:
            moved.odd += 1
            tell(f"{path}: is not what its name says, it is not copied: see `wardlink objects check`")
        elif bucket.holds(key, found):
            moved.there += 1
        else:
            bucket.put(key, path)
            moved.copied, moved.bytes = moved.copied + 1, moved.bytes + found.size
    return moved


def clean(data: Path, places: Places, tell: Callable[[str], object]) -> Moved:
    """Remove from the folder what is in the bucket, which is read once more for each file."""
    moved = Moved()
    for path, bucket, key, found in _files(data, places):
        if key is None or bucket.digest(key) != found.sha256:
            moved.odd += 1
            tell(f"{path}: is not in the bucket as it is here: it stays")
        else:
            path.unlink()
            moved.removed, moved.bytes = moved.removed + 1, moved.bytes + found.size
    return moved


def _files(data: Path, places: Places) -> Iterator[tuple[Path, Bucket, str | None, Sums]]:
    """Each file, where it goes, under which key (None: it is not what its name says), and its sums."""
    for kind, folder, key in ((IMAGES, image_files(data), _image), (RECORDINGS, data / FOLDER, _chunk)):
        if kind in places:
            for path in _walked(folder):
                found = sums(path)
                yield path, places[kind], key(path, found), found


def _walked(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one != "tmp")
        for name in sorted(names):
            if not name.endswith(_UNFINISHED) and name != KEY:
                yield Path(where) / name


def _image(path: Path, found: Sums) -> str | None:
    return path.name if path.name == found.sha256.hex() else None


def _chunk(path: Path, found: Sums) -> str | None:
    return f"{path.parent.name}/{path.stem}.{found.sha256.hex()}.box" if path.suffix == ".box" else None
