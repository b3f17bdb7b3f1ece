"""Frames of a stored instance: where they are in its file, and as they are wanted."""

import asyncio
from collections.abc import Sequence

from controller.imaging.archive.archive import Stored
from controller.imaging.archive.frames import frame_places
from controller.imaging.decode.picture import Frame, Picture, picture
from controller.imaging.decode.syntaxes import DEFLATED, EXPLICIT, IMPLICIT
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.dicom.pixels import Fragment, native_frames
from controller.imaging.errors import BadDicom, CannotDecode, NoSuchImage
from controller.imaging.parts import Parts

LARGEST_INFLATED = 256 << 20
"""Bytes of a deflated file that is inflated for its frames."""


def is_as_stored(one: Stored, syntax: str) -> bool:
    """Whether the bytes of a frame in the file are what it is in `syntax`."""
    return syntax == one.syntax or (syntax == EXPLICIT and one.syntax == IMPLICIT)


async def places(service: Parts, one: Stored, numbers: Sequence[int]) -> list[Sequence[Fragment]]:
    """Of each frame of `numbers`, which count from 1, its fragments in the file.

    Raises NoSuchImage, CannotDecode, StoreError.
    """
    check(one, numbers)
    every = await frame_places(service.archive, one)
    return [every[number - 1] for number in numbers]


def check(one: Stored, numbers: Sequence[int]) -> None:
    """Raises NoSuchImage: one of the frames `numbers` is not there."""
    if not all(0 < number <= one.frames for number in numbers):
        raise NoSuchImage(f"{one.instance} has the frames 1 to {one.frames}" if one.frames else _NO_PIXELS)


_NO_PIXELS = "there is no pixel data in this instance"


def described(one: Stored) -> Picture:
    """How its pixels are arranged. Raises NoSuchImage, CannotDecode."""
    if one.pixel is None:
        raise NoSuchImage(_NO_PIXELS)
    return picture(one.pixel)


async def frame(service: Parts, one: Stored, number: int, syntax: str) -> bytes:
    """Frame `number` in the transfer syntax `syntax`. Raises NoSuchImage, CannotDecode, CannotRead."""
    check(one, [number])
    if one.syntax == DEFLATED:
        stored = Frame(await _inflated(service, one, number), EXPLICIT, described(one))
    else:
        fragments = (await places(service, one, [number]))[0]
        data = [await service.archive.files.read(one.sha256, *fragment) for fragment in fragments]
        if is_as_stored(one, syntax):
            return b"".join(data)
        stored = Frame(b"".join(data), one.syntax, described(one))
    if syntax == EXPLICIT and stored.syntax == EXPLICIT:
        return stored.data
    if syntax == EXPLICIT:
        return await service.decoder.native(stored)
    return await service.decoder.encode(stored, syntax)


async def _inflated(service: Parts, one: Stored, number: int) -> bytes:
    """The frame of a deflated file, which has to be inflated as a whole (PS3.5, A.5)."""
    if one.size > LARGEST_INFLATED:
        raise CannotDecode(f"{one.instance}: {one.size} deflated bytes are too many to look for a frame")
    content = await service.archive.files.read(one.sha256)
    return await asyncio.to_thread(_cut_out, content, described(one), one.frames, number)


def _cut_out(content: bytes, shape: Picture, frames: int, number: int) -> bytes:
    try:
        read = read_instance(content)
        if read.pixels is None:
            raise NoSuchImage(_NO_PIXELS)
        every = native_frames(read.pixels.offset, read.pixels.length, frames, shape.frame_bits)
    except BadDicom as error:
        raise CannotDecode(f"deflated pixel data: {error}") from error
    [(offset, length)] = every[number - 1]
    return bytes(read.content[offset : offset + length])
