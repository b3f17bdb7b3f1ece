"""A minute of damaged frames and a minute of damaged files: each is decoded, or refused with words.

./run test -m long -k decode
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import orjson
import pytest

from controller.imaging.decode import syntaxes
from controller.imaging.decode.decoder import Decoder
from controller.imaging.decode.picture import PIXEL_KEYS, Frame, Media, Rendering, picture, pixel_json
from controller.imaging.decode.transcode import frames_of
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import BadDicom, CannotDecode
from tests.support import dicom

SECONDS = 60
LARGEST = 4_000_000
"""Bytes of a frame or a file."""
ODD = (0, 1, 3, 8, 16, 255, 65535, -1, "RGB", "YBR_FULL_422", "PALETTE COLOR", 1e300, None)
TOO_SLOW = "the decoder was ended by SIGXCPU"
"""What a damaged JPEG-LS frame comes to (CharLS): stopped, and no more than that."""

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(4 * SECONDS),
    pytest.mark.filterwarnings("ignore::UserWarning"),  # pydicom's, of damaged character sets
]
Attempt = Callable[[Decoder, random.Random], Awaitable[object]]


def frames() -> Iterator[Frame]:
    for path in dicom.corpus():
        try:
            instance = read_instance(path.read_bytes())
            shape = picture(pixel_json(instance) or b"{}")
            if shape.frame_bits < LARGEST * 8:
                yield next(frames_of(instance, shape))
        except (BadDicom, CannotDecode):
            continue


def damaged(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(0, 8)):
        within = min(len(changed), chance.choice((100, 2000, LARGEST)))
        changed[chance.randrange(within)] = chance.randrange(256)
    if chance.random() < 0.2:
        del changed[chance.randrange(len(changed)) :]
    return bytes(changed)


def described_oddly(frame: Frame, chance: random.Random) -> Frame:
    """With one element of its description changed."""
    said = {
        "00280010": frame.picture.rows, "00280011": frame.picture.columns, "00280002": frame.picture.samples,
        "00280004": frame.picture.photometric, "00280100": frame.picture.allocated, "7FE00010": 0,
        "00280101": frame.picture.stored, "00280103": int(frame.picture.signed),
    }  # fmt: skip
    said[chance.choice(PIXEL_KEYS[:24])] = chance.choice(ODD)  # type: ignore[assignment]
    elements = {key: {"vr": "UN", "Value": [value]} for key, value in said.items()}
    return Frame(frame.data, frame.syntax, picture(orjson.dumps(elements)))


async def outcomes(attempt: Attempt) -> Counter[str]:
    """How many attempts came to what, within SECONDS."""
    chance, found = random.Random(20261126), Counter[str]()
    end = asyncio.get_running_loop().time() + SECONDS
    async with Decoder.running() as decoder:
        while asyncio.get_running_loop().time() < end:
            try:
                await attempt(decoder, chance)
                found["done"] += 1
            except CannotDecode as error:
                assert str(error)
                found[str(error) if str(error).startswith("the decoder ") else "refused"] += 1
    return found


async def test_damaged_frames_are_shown_or_refused() -> None:
    good = list(frames())

    async def attempt(decoder: Decoder, chance: random.Random) -> None:
        frame = chance.choice(good)
        frame = described_oddly(frame, chance) if chance.random() < 0.3 else frame
        how = Rendering(chance.choice(list(Media)), viewport=chance.choice((None, (64, 64))))
        await decoder.render(Frame(damaged(frame.data, chance), frame.syntax, frame.picture), how)

    found = await outcomes(attempt)
    assert found["done"] > 100
    assert found["refused"] > 100
    assert set(found) <= {"done", "refused", TOO_SLOW}, found


async def test_damaged_files_are_transcoded_to_readable_ones_or_refused() -> None:
    good = [path.read_bytes() for path in dicom.corpus() if path.stat().st_size < LARGEST // 20]
    targets = sorted(syntaxes.ENCODES)

    async def attempt(decoder: Decoder, chance: random.Random) -> None:
        made = await decoder.transcode(damaged(chance.choice(good), chance), chance.choice(targets))
        read_instance(made)

    found = await outcomes(attempt)
    assert found["done"] > 100
    assert found["refused"] > 100
    assert set(found) <= {"done", "refused", TOO_SLOW}, found
