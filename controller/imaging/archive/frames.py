"""Where each frame of an instance is in its file. Of encapsulated pixel data it is found out at taking in.

for offset, length in (await frame_places(archive, stored))[0]:          # the fragments of the first frame
    part = await archive.files.read(stored.sha256, offset, length)
"""

import zlib
from array import array
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from controller.imaging.archive.attributes import number
from controller.imaging.archive.stored import Stored
from controller.imaging.decode.picture import picture
from controller.imaging.decode.syntaxes import NATIVE, SEVERAL_IN_ONE
from controller.imaging.dicom.part10 import DEFLATED, Instance
from controller.imaging.dicom.pixels import Fragment, encapsulated_frames, native_frames
from controller.imaging.errors import BadDicom, CannotDecode, NoSuchImage

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

Places = Sequence[Sequence[Fragment]]
"""Of each frame its fragments: offset and length in the file; native: one each."""
_KEEP = 64
"""Instances, and"""
_KEEP_FRAMES = 200_000
"""frames of them together: a slide may have as many alone."""
_SMALL = 64 * 1024
"""Bytes of packed places that are unpacked faster than a thread is woken."""


class Known:
    """The places of the instances looked at last: a cine asks for each frame by itself."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Places] = OrderedDict()
        self._frames = 0

    def get(self, sha256: bytes) -> Places | None:
        """What was `put`."""
        if sha256 in self._known:
            self._known.move_to_end(sha256)
        return self._known.get(sha256)

    def put(self, sha256: bytes, places: Places) -> Places:
        """Remember, and forget what was not asked for longest."""
        if sha256 not in self._known:
            self._known[sha256] = places
            self._frames += len(places)
        while len(self._known) > _KEEP or (self._frames > _KEEP_FRAMES and len(self._known) > 1):
            _, forgotten = self._known.popitem(last=False)
            self._frames -= len(forgotten)
        return places


async def frame_places(archive: "Archive", stored: Stored) -> Places:
    """Raises NoSuchImage: no pixel data; CannotDecode: the frames cannot be told apart; StoreError."""
    if not stored.frames or stored.pixel is None:
        raise NoSuchImage(f"{stored.instance} has no pixel data")
    if stored.pixel_offset is None or stored.pixel_length is None:
        raise CannotDecode(f"{stored.instance} is deflated: ask for all of it")
    if stored.syntax in NATIVE:
        return _native(stored, stored.pixel, stored.pixel_offset, stored.pixel_length)
    if (known := archive.places.get(stored.sha256)) is not None:
        return known
    row = await archive.store.read("SELECT places FROM instance WHERE uid = ?", (stored.instance,))
    if not row:
        raise NoSuchImage(f"{stored.instance} was deleted in the meantime")
    kept = row[0]["places"]
    if kept is None:
        return _native(stored, stored.pixel, stored.pixel_offset, stored.pixel_length)
    places = unpacked(kept) if len(kept) <= _SMALL else await archive.in_thread(unpacked, kept)
    return archive.places.put(stored.sha256, places)


def _native(stored: Stored, pixel: bytes, offset: int, length: int) -> Places:
    """Computed: frames of native pixel data follow one another. Raises CannotDecode."""
    try:
        return native_frames(offset, length, stored.frames, picture(pixel).frame_bits)
    except BadDicom as error:
        raise CannotDecode(f"{stored.instance}: {error}") from error


def counted(read: Instance) -> int:
    """How many frames there are; 0: no pixel data. Raises BadDicom: more than the pixel data can hold."""
    pixels = read.pixels
    if pixels is None:
        return 0
    frames = max(number(read.data_set, "00280008") or 1, 1)
    if frames == 1:
        return frames
    if pixels.fragments is None:
        most = pixels.length * 8 // _least_bits(read)
    elif read.transfer_syntax in SEVERAL_IN_ONE:
        most = pixels.length
    else:
        most = len(pixels.fragments) - 1  # the first is the offset table
    if frames > most:
        raise BadDicom("frames", f"expected pixel data of {frames} frames, there is room for {most}")
    return frames


def _least_bits(read: Instance) -> int:
    """Of one frame; 1 where the data set does not say how large it is."""
    try:
        return picture(read.data_set).frame_bits
    except CannotDecode:
        return 1


def packed(read: Instance, frames: int) -> bytes | None:
    """The places of encapsulated pixel data, for the index. None: native, none, or in a deflated file."""
    pixels = read.pixels
    if pixels is None or pixels.fragments is None or read.transfer_syntax == DEFLATED:
        return None
    try:
        places = encapsulated_frames(read.content, pixels.fragments, frames, _extended(read, frames))
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


def _extended(read: Instance, frames: int) -> list[int]:
    """The Extended Offset Table (7FE0,0001; PS3.3, C.7.6.3.1.8), little endian, as we are; of one that is too
    long no more than shows it to be."""
    element = read.data_set.get("7FE00001", {})
    table = array("Q")
    if "InlineBinary" in element:
        content = b64decode(element["InlineBinary"])
    else:
        found = next((bulk for bulk in read.bulk if bulk.path == "7FE00001"), None)
        length = min(found.length, 8 * frames + 8) if found else 0
        content = bytes(read.content[found.offset : found.offset + length]) if found else b""
    table.frombytes(content[: len(content) // 8 * 8])
    return list(table)
