"""The pool of workers that decode. Nothing of a stranger's pixels is decoded in the service's own process.

async with Decoder.running(workers=2) as decoder:
    jpeg = await decoder.render(Frame(data, syntax, picture(stored.pixel)), Rendering())
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from controller.imaging.decode import syntaxes
from controller.imaging.decode.jobs import Job, Work
from controller.imaging.decode.kennel import ZYGOTE, Kennel, Worker, WorkerGone
from controller.imaging.decode.picture import Frame, Rendering
from controller.imaging.errors import CannotDecode, DecoderBusy

MOST_WAITING: Final = 64
"""Jobs that wait for a worker; more are told to come again."""
MOST_BYTES: Final = 512 << 20
"""The same for the bytes that they hold."""
MOST_JOBS: Final = 1000
"""A worker is replaced after so many: codecs may leak."""
DEADLINE_S: Final = 30.0
TRANSCODE_S: Final = 150.0
"""How long a job may take; the worker's own limit of processor time is lower."""
LARGEST_FILE: Final = 256 << 20
"""Bytes of a file that is transcoded whole."""


class Decoder:
    """Workers with limits. One that crashes, hangs or eats memory is CannotDecode for that call only.

    Each method raises CannotDecode: pixel data that cannot be decoded, or that broke a worker; DecoderBusy.
    """

    def __init__(self, kennel: Kennel, workers: int) -> None:
        self._kennel = kennel
        self._workers = workers
        self._free = asyncio.Semaphore(workers)
        self._waiting = 0
        self._waiting_bytes = 0
        self._idle: list[Worker] = []
        self._spare: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[Any]] = set()

    @classmethod
    @asynccontextmanager
    async def running(cls, workers: int = 1, program: Sequence[str] = ZYGOTE) -> AsyncIterator["Decoder"]:
        """A decoder whose processes end with the block. The codecs load while the block goes on."""
        async with Kennel.open(program) as kennel:
            decoder = cls(kennel, workers)
            try:
                yield decoder
            finally:
                await decoder._close()

    async def render(self, frame: Frame, how: Rendering) -> bytes:
        """The frame as JPEG, PNG or GIF."""
        return await self._do(Job(Work.RENDER, frame.data, frame.syntax, frame.picture, how))

    async def native(self, frame: Frame) -> bytes:
        """The frame as it is in 1.2.840.10008.1.2.1: little endian, colour by pixel.

        Colour that a codec had transformed (YBR_FULL_422 in JPEG, YBR_RCT, YBR_ICT) comes as RGB.
        """
        if frame.syntax in (syntaxes.EXPLICIT, syntaxes.IMPLICIT) and frame.picture.samples == 1:
            return frame.data
        return await self._do(Job(Work.NATIVE, frame.data, frame.syntax, frame.picture))

    async def encode(self, frame: Frame, syntax: str) -> bytes:
        """The frame in another transfer syntax, one of `syntaxes.ENCODES`."""
        return await self._do(Job(Work.ENCODE, frame.data, frame.syntax, frame.picture, target=syntax))

    async def transcode(self, content: bytes, syntax: str) -> bytes:
        """A whole file in another transfer syntax, one of `syntaxes.ENCODES`."""
        if len(content) > LARGEST_FILE:
            raise CannotDecode(f"expected a file of at most {LARGEST_FILE} bytes, got {len(content)}")
        return await self._do(Job(Work.TRANSCODE, content, target=syntax))

    async def _do(self, job: Job) -> bytes:
        """The answer. A job that has begun ends although its caller has gone: its worker stays usable."""
        size = len(job.data)
        if self._waiting >= MOST_WAITING or (self._waiting and self._waiting_bytes + size > MOST_BYTES):
            raise DecoderBusy(f"{self._waiting} pictures wait for a decoder; try again in a second")
        self._waiting += 1
        self._waiting_bytes += size
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
            self._waiting_bytes -= size
        return await asyncio.shield(self._in_background(self._by_worker(job)))

    async def _by_worker(self, job: Job) -> bytes:
        deadline_s = TRANSCODE_S if job.work == Work.TRANSCODE else DEADLINE_S
        try:
            worker = self._idle.pop() if self._idle else await self._kennel.fork()
            if not self._idle and (self._spare is None or self._spare.done()):
                self._spare = self._in_background(self._add_spare())
            try:
                answer = await worker.do(job, deadline_s)
            except WorkerGone as gone:
                how = await self._kennel.end(worker)
                raise CannotDecode(f"the decoder {str(gone) or how}") from gone
            except asyncio.CancelledError:
                worker.close()
                raise
            if worker.jobs < MOST_JOBS and len(self._idle) <= self._workers:
                self._idle.append(worker)
            else:
                await self._kennel.end(worker)
            if isinstance(answer, str):
                raise CannotDecode(answer)
            return answer
        finally:
            self._free.release()

    async def _add_spare(self) -> None:
        """Another worker, so that the next job does not wait for one when this one's breaks."""
        self._idle.append(await self._kennel.fork())

    def _in_background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, even when its caller has gone away

    async def _close(self) -> None:
        for task in (running := list(self._running)):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for worker in self._idle:
            worker.close()
