"""The decoder's processes: what a hostile picture can do to them, and that nobody else notices."""

import asyncio
import io
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psutil
import pytest
import pytest_asyncio
from PIL import Image

from controller.imaging.decode import decoder as decoder_module
from controller.imaging.decode import syntaxes
from controller.imaging.decode.decoder import Decoder
from controller.imaging.decode.jobs import Job, Work
from controller.imaging.decode.picture import Frame, Media, Picture, Rendering, picture
from controller.imaging.decode.transcode import frames_of
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import CannotDecode, DecoderBusy
from tests.support import dicom
from tests.support.hostile_decoder import HOSTILE, attacked

SHAPE = Picture(2, 2, 1, "MONOCHROME2", 8, 8, 7, signed=False, planar=False, frames=1)
FRAME = Frame(bytes((0, 1, 2, 3)), syntaxes.DEFLATED, SHAPE)
"""Native: DEFLATED is one that `native` asks a worker for."""


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hostile() -> AsyncIterator[Decoder]:
    async with Decoder.running(program=HOSTILE) as decoder:
        yield decoder


def processes() -> set[int]:
    """The processes below this one that decode."""
    children = psutil.Process().children(recursive=True)
    return {child.pid for child in children if any("decode" in word for word in child.cmdline())}


async def works(decoder: Decoder) -> bool:
    return await decoder.native(FRAME) == FRAME.data


async def test_a_frame_is_rendered_by_another_process() -> None:
    instance = read_instance(dicom.ct(rows=64))
    frame = next(frames_of(instance, picture(instance.data_set)))
    before = processes()
    async with Decoder.running() as decoder:
        png = await decoder.render(frame, Rendering(Media.PNG, viewport=(32, 32)))
        assert len(processes() - before) >= 2
    assert Image.open(io.BytesIO(png)).size == (32, 32)
    assert processes() <= before


async def test_the_service_itself_loads_no_codec() -> None:
    said = "import sys, controller.imaging.dicomweb.rendered; print('imagecodecs' in sys.modules)"
    asked = await asyncio.create_subprocess_exec(sys.executable, "-c", said, stdout=asyncio.subprocess.PIPE)
    out, _ = await asked.communicate()
    assert out.split() == [b"False"]


@pytest.mark.parametrize("media", Media)
@pytest.mark.parametrize("make", [dicom.ct, dicom.rgb, dicom.us_cine])
async def test_every_form_is_made_by_a_worker_that_can_load_nothing_more(
    hostile: Decoder, make: Any, media: Media
) -> None:
    instance = read_instance(make())
    frame = next(frames_of(instance, picture(instance.data_set)))
    for viewport in (None, (20, 20), (999, 999)):
        made = await hostile.render(frame, Rendering(media, viewport=viewport))
        assert Image.open(io.BytesIO(made)).format == media.name


async def test_a_crash_ends_one_call_and_the_next_is_done(hostile: Decoder) -> None:
    with pytest.raises(CannotDecode, match="SIGSEGV"):
        await hostile.encode(FRAME, "crash")
    assert await works(hostile)


async def test_a_crash_does_not_touch_what_other_workers_do() -> None:
    async with Decoder.running(workers=2, program=HOSTILE) as decoder:
        calls = [decoder.encode(FRAME, "crash") if n % 2 else decoder.native(FRAME) for n in range(12)]
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert results[::2] == [FRAME.data] * 6
    assert all(isinstance(result, CannotDecode) for result in results[1::2])


async def test_an_endless_loop_is_ended_by_the_kernel(hostile: Decoder) -> None:
    with pytest.raises(CannotDecode, match="SIGXCPU"):
        await hostile.encode(FRAME, "spin")
    assert await works(hostile)


async def test_the_limit_of_processor_time_is_each_jobs_and_not_the_workers(hostile: Decoder) -> None:
    # each of these takes about 0.4 s of the hostile decoder's single second
    instance = read_instance(dicom.ct(rows=1500))
    frame = next(frames_of(instance, picture(instance.data_set)))
    for _ in range(8):
        assert await hostile.encode(frame, syntaxes.JPEG_2000_LOSSLESS)


async def test_what_waits_for_ever_is_ended_by_the_service(
    hostile: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await works(hostile)
    monkeypatch.setattr(decoder_module, "DEADLINE_S", 0.3)
    with pytest.raises(CannotDecode, match="took more than"):
        await hostile.encode(FRAME, "sleep")
    assert await works(hostile)


async def test_a_memory_bomb_is_refused_and_its_worker_lives_on(hostile: Decoder) -> None:
    assert await works(hostile)
    before = processes()
    with pytest.raises(CannotDecode, match="more than 2048 MB"):
        await hostile.encode(FRAME, "bomb")
    assert await works(hostile)
    assert before <= processes()


@contextmanager
def discard_port() -> Iterator[socket.socket]:
    """Somebody who listens where the hostile decoder connects."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 9))
        listening.listen()
        yield listening


@pytest.mark.parametrize("attack", ["open", "connect", "run"])
async def test_a_worker_opens_no_file_no_connection_and_no_program(hostile: Decoder, attack: str) -> None:
    with discard_port():
        without_limits = attacked(Job(Work.ENCODE, b"", target=attack))
        assert b"Error" not in without_limits
        answer = await hostile.encode(FRAME, attack)
    assert answer.startswith((b"OSError: Too many open files", b"BlockingIOError"))


async def test_a_worker_has_no_environment_and_says_why_it_refuses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("WARDLINK_SECRET", "hush")
    before = processes()
    async with Decoder.running() as decoder:
        with caplog.at_level(logging.DEBUG), pytest.raises(CannotDecode, match="expected a JPEG codestream"):
            await decoder.native(Frame(b"nothing of the kind", syntaxes.JPEG_BASELINE, SHAPE))
        ours = processes() - before
        assert ours
        for pid in ours:
            assert "WARDLINK_SECRET" not in psutil.Process(pid).environ()
    assert not [record for record in caplog.records if record.name.startswith("controller")]


async def test_a_worker_that_breaks_says_where_and_not_whose_picture_it_was(
    hostile: Decoder, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CannotDecode, match="broke"):
        await hostile.encode(FRAME, "blab")
    assert "KeyError at" in caplog.text
    assert "_blab" in caplog.text
    assert "Muster" not in caplog.text + capfd.readouterr().err


async def test_names_in_every_character_set_are_written_by_a_worker_that_opens_no_file(
    hostile: Decoder,
) -> None:
    files = [path.read_bytes() for path in dicom.corpus() if path.name.startswith("chr")]
    assert len(files) > 10
    for content in files:
        made = await hostile.transcode(content, syntaxes.EXPLICIT)
        assert dicom.read(made).get("PatientName") == dicom.read(content).get("PatientName")


async def test_workers_end_with_the_zygote_and_it_is_started_again(hostile: Decoder) -> None:
    assert await works(hostile)
    before = processes()
    all_of_them = [psutil.Process(pid) for pid in before]
    next(process for process in all_of_them if process.ppid() == os.getpid()).send_signal(signal.SIGKILL)
    gone, alive = await asyncio.to_thread(psutil.wait_procs, all_of_them, 20)
    assert len(gone) >= 2
    assert not alive
    assert await until_works(hostile)
    assert not processes() & before


async def until_works(decoder: Decoder) -> bool:
    for _ in range(5):
        try:
            return await works(decoder)
        except CannotDecode:
            continue
    return False


async def test_who_goes_away_leaves_a_worker_that_can_be_used(hostile: Decoder) -> None:
    for _ in range(5):
        call = asyncio.create_task(hostile.native(FRAME))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    assert await works(hostile)
    assert len(processes()) <= 3  # the zygote, a worker, the spare


async def test_too_many_calls_are_told_to_come_again(
    hostile: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_module, "MOST_WAITING", 3)
    calls = [asyncio.create_task(hostile.native(FRAME)) for _ in range(8)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(result, DecoderBusy) for result in results) == 4
    assert sum(result == FRAME.data for result in results) == 4


async def test_pictures_that_wait_do_not_fill_the_services_memory(
    hostile: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_module, "MOST_BYTES", 2 * len(FRAME.data))
    calls = [asyncio.create_task(hostile.native(FRAME)) for _ in range(5)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(result, DecoderBusy) for result in results) == 2
    assert await works(hostile)


async def test_a_worker_is_replaced_after_many_jobs(
    hostile: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_module, "MOST_JOBS", 3)
    seen: set[int] = set()
    for _ in range(9):
        assert await works(hostile)
        seen |= processes()
    assert len(seen) >= 4


async def test_hostile_frames_of_every_codec_are_refused_or_decoded(hostile: Decoder) -> None:
    """Real frames with bytes changed, cut short, and repeated: the decoder answers each, and lives."""
    noise = np.random.default_rng(20261126)
    good: list[Frame] = []
    instance = read_instance(dicom.ct(rows=64))
    grey = next(frames_of(instance, picture(instance.data_set)))
    for syntax in sorted(syntaxes.ENCODES - syntaxes.LOSSY - syntaxes.NATIVE):
        good.append(Frame(await hostile.encode(grey, syntax), syntax, grey.picture))
    cine = read_instance(dicom.us_cine(frames=1))
    good.append(next(frames_of(cine, picture(cine.data_set))))
    outcomes = await asyncio.gather(
        *[tried(hostile, damaged(frame, noise)) for frame in good for _ in range(20)]
    )
    assert len(outcomes) == 20 * 6
    assert outcomes.count("refused") > 10
    assert outcomes.count("decoded") > 10
    assert set(outcomes) <= {"refused", "decoded", "was ended by SIGXCPU"}
    assert await works(hostile)


def damaged(frame: Frame, noise: np.random.Generator) -> Frame:
    data = bytearray(frame.data)
    for place in noise.integers(0, len(data), noise.integers(1, 9)):
        data[place] = noise.integers(0, 256)
    if noise.integers(0, 3) == 0:
        del data[noise.integers(0, len(data)) :]
    return Frame(bytes(data), frame.syntax, frame.picture)


async def tried(decoder: Decoder, frame: Frame) -> str:
    while True:
        try:
            await decoder.render(frame, Rendering())
        except DecoderBusy:
            await asyncio.sleep(0.01)
        except CannotDecode as error:
            words = str(error).removeprefix("the decoder ")
            return words if words.startswith(("was ended", "took", "ended")) else "refused"
        else:
            return "decoded"
