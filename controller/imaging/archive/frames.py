"""Where each frame of an instance is in its file. Of encapsulated pixel data it is found out at taking in.

for offset, length in (await frame_places(archive, stored))[0]:          # the fragments of the first frame
    part = await archive.files.read(stored.sha256, offset, length)
"""

import zlib
from array import array
from base64 import b64decode
from collections import OrderedDict
from typing import TYPE_CHECKING

from controller.imaging.archive.attributes import number
from controller.imaging.archive.stored import Stored
from controller.imaging.decode.picture import picture
from controller.imaging.dicom.part10 import DEFLATED, Instance
from controller.imaging.dicom.pixels import Fragment, encapsulated_frames, native_frames
from controller.imaging.errors import BadDicom, CannotDecode, NoSuchImage

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

Places = list[list[Fragment]]
"""Of each frame its fragments: offset and length in the file; native: one each."""
_KEEP = 64


class Known:
    """The places of the instances looked at last: a cine asks for each frame by itself."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Places] = OrderedDict()

    def get(self, sha256: bytes) -> Places | None:
        """What was `put`."""
        if sha256 in self._known:
            self._known.move_to_end(sha256)
        return self._known.get(sha256)

    def put(self, sha256: bytes, places: Places) -> Places:
        """Remember, and forget what was not asked for longest."""
        self._known[sha256] = places
        if len(self._known) > _KEEP:
            self._known.popitem(last=False)
        return places


async def frame_places(archive: "Archive", stored: Stored) -> Places:
    """Raises NoSuchImage: no pixel data; CannotDecode: the frames cannot be told apart; StoreError."""
    if not stored.frames or stored.pixel is None:
        raise NoSuchImage(f"{stored.instance} has no pixel data")
    if stored.pixel_offset is None or stored.pixel_length is None:
        raise CannotDecode(f"{stored.instance} is deflated: ask for all of it")
    if (known := archive.places.get(stored.sha256)) is not None:
        return known
    row = await archive.store.read("SELECT places FROM instance WHERE uid = ?", (stored.instance,))
    if not row:
        raise NoSuchImage(f"{stored.instance} was deleted in the meantime")
    if row[0]["places"] is not None:
        return archive.places.put(stored.sha256, unpacked(row[0]["places"]))
    try:
        bits = picture(stored.pixel).frame_bits
        frames = native_frames(stored.pixel_offset, stored.pixel_length, stored.frames, bits)
    except BadDicom as error:
        raise CannotDecode(f"{stored.instance}: {error}") from error
    return archive.places.put(stored.sha256, [[frame] for frame in frames])


def packed(read: Instance) -> bytes | None:
    """The places of encapsulated pixel data, for the index. None: native, none, or in a deflated file."""
    pixels = read.pixels
    if pixels is None or pixels.fragments is None or read.transfer_syntax == DEFLATED:
        return None
    try:
        frames = max(number(read.data_set, "00280008") or 1, 1)
        places = encapsulated_frames(read.content, pixels.fragments, frames, _extended(read))
    except BadDicom:
        places = []  # the instance is worth keeping, but nobody can say where one frame ends
    numbers = array("Q")
    for fragments in places:
        numbers.append(len(fragments))
        for offset, length in fragments:
            numbers.extend((offset, length))
    return zlib.compress(numbers.tobytes())


def unpacked(kept: bytes) -> Places:
    """What was `packed`. Raises CannotDecode."""
    numbers = array("Q")
    numbers.frombytes(zlib.decompress(kept))
    left = iter(numbers)
    places = [[(next(left), next(left)) for _ in range(count)] for count in left]
    if not places:
        raise CannotDecode("the offset table does not say where each frame begins")
    return places


def _extended(read: Instance) -> list[int]:
    """The Extended Offset Table (7FE0,0001; PS3.3, C.7.6.3.1.8), little endian, as we are."""
    element = read.data_set.get("7FE00001", {})
    table = array("Q")
    if "InlineBinary" in element:
        content = b64decode(element["InlineBinary"])
    else:
        found = next((bulk for bulk in read.bulk if bulk.path == "7FE00001"), None)
        content = bytes(read.content[found.offset : found.offset + found.length]) if found else b""
    table.frombytes(content[: len(content) // 8 * 8])
    return list(table)
