"""Pixels of a file are decoded in a process of its own, which can be broken, and breaks nothing else."""

import os
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from controller.imaging.errors import CannotDecode
from controller.imaging.stills import picture as module
from controller.imaging.stills.picture import JPEG, PNG, read_picture
from tests.support.photos import held_sideways, photo

ROOT = Path(__file__).parents[5]


def pixels(data: bytes, mode: str = "RGB") -> bytes:
    return ImageOps.exif_transpose(Image.open(BytesIO(data))).convert(mode).tobytes()


def png(width: int, height: int, body: bytes) -> bytes:
    """A PNG of 8 bits grey whose rows are `body`, deflated."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", body), (b"IEND", b"")
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.mark.parametrize(("mode", "photometric"), [("RGB", "YBR_FULL_422"), ("L", "MONOCHROME2")])
async def test_a_plain_jpeg_is_taken_as_it_is(mode: str, photometric: str) -> None:
    data = photo(mode=mode)
    picture = await read_picture(data, JPEG)
    assert (picture.is_jpeg, picture.photometric, picture.was_lossy) == (True, photometric, True)
    assert (picture.rows, picture.columns) == (64, 96)
    assert pixels(picture.data, mode) == pixels(data, mode)


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (photo(progressive=True), JPEG),
        (held_sideways(), JPEG),
        (photo("PNG"), PNG),
        (photo("PNG", mode="P"), PNG),
    ],
)
async def test_what_dicom_has_no_form_for_is_pixels(data: bytes, media: str) -> None:
    picture = await read_picture(data, media)
    assert (picture.is_jpeg, picture.photometric) == (False, "RGB")
    assert picture.data == pixels(data)
    assert len(picture.data) == picture.rows * picture.columns * 3
    assert picture.was_lossy == (media == JPEG)


async def test_a_camera_that_was_held_sideways_makes_an_upright_picture() -> None:
    picture = await read_picture(held_sideways(), JPEG)
    assert (picture.rows, picture.columns) == (96, 64)
    assert list(picture.data[63 * 3 : 64 * 3]) != [0, 0, 0], "the red corner is at the right now"


async def test_sixteen_bits_of_grey_are_eight_of_the_upper() -> None:
    grey = np.arange(0, 65536, 16, dtype=np.uint16).reshape(64, 64)
    out = BytesIO()
    Image.fromarray(grey).save(out, "PNG")
    picture = await read_picture(out.getvalue(), PNG)
    assert picture.photometric == "MONOCHROME2"
    assert np.array_equal(np.frombuffer(picture.data, np.uint8).reshape(64, 64), (grey >> 8).astype(np.uint8))


@pytest.mark.parametrize(
    ("data", "media", "why"),
    [
        (photo()[:-200], JPEG, "truncated"),
        (photo("PNG")[:-200], PNG, "expected a JPEG or PNG"),
        (b"\xff\xd8\xff\xd9", JPEG, "ends before one"),
        (photo("GIF", mode="P"), PNG, "expected a JPEG or PNG"),
        (photo("TIFF"), PNG, "expected a JPEG or PNG"),
        (png(12_000, 12_000, zlib.compress(bytes(12_001 * 12_000), 9)), PNG, "decompression bomb"),
    ],
)
async def test_what_cannot_be_decoded_is_refused(data: bytes, media: str, why: str) -> None:
    with pytest.raises(CannotDecode, match=why):
        await read_picture(data, media)


@pytest.mark.parametrize(
    ("deed", "why"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "broke its decoder"),
        ("import os; os._exit(0)", "broke its decoder"),
        ('print(\'{"rows": 2, "columns": 2, "samples": 3, "turned": false}\')', "other than it said"),
        ("import time; time.sleep(60)", "decoded in"),
    ],
)
async def test_a_decoder_that_dies_lies_or_hangs_is_that_pictures_fault_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, deed: str, why: str
) -> None:
    script, body = tmp_path / "python", tmp_path / "deed.py"
    body.write_text(deed, encoding="utf-8")
    script.write_text(f"#!/bin/sh\nexec {sys.executable} {body}\n", encoding="utf-8")
    script.chmod(0o700)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", str(script))
        patch.setattr(module, "DEADLINE_S", 1.0)
        with pytest.raises(CannotDecode, match=why):
            await read_picture(photo(), JPEG)
    assert (await read_picture(photo(), JPEG)).is_jpeg


@pytest.mark.parametrize(
    ("deed", "fired"),
    [
        ("import mmap; mmap.mmap(-1, 2 << 30)", "Cannot allocate memory"),
        ("import os; os.write(os.open('written', os.O_CREAT | os.O_WRONLY), b'x')", "File too large"),
        ("[open('/dev/null') for _ in range(50)]", "Too many open files"),
    ],
)
def test_the_process_has_no_memory_and_no_files_to_do_harm(tmp_path: Path, deed: str, fired: str) -> None:
    limited = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limited += "from controller.imaging.stills.unpack import limit; limit()\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = [
        subprocess.run(
            [sys.executable, "-c", before + deed],
            check=False,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        ).stderr
        for before in (limited, "")
    ]
    assert fired in said[0]
    assert fired not in said[1], "without the limits it would have worked"
