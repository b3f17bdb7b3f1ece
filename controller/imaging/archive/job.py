"""An instance on its way to the disk, in a thread: judged, written, and then synced.

job = Job(threads, sha256, work)       # work() judges, writes, and gives what is left to do: the sync
item = await job.judged()              # its rows may be made from now on
job.wait()                             # in a thread: it is on the disk for good
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future

from controller.imaging.archive.files import Settle
from controller.imaging.archive.judging import Fault, Judged

Work = Callable[[], tuple[Judged | Fault, Settle | None]]


class Job:
    """See the module. What `work` raises comes out of both `judged` and `wait`."""

    def __init__(self, threads: Executor, sha256: bytes, work: Work) -> None:
        self.sha256 = sha256
        self._judged: Future[Judged | Fault] = Future()
        self._done = threads.submit(self._run, work)
        self._done.add_done_callback(self._failed)

    def judged(self) -> "asyncio.Future[Judged | Fault]":
        """What it is; its file is written. Raises OSError."""
        return asyncio.wrap_future(self._judged)

    def settled(self) -> "asyncio.Future[None]":
        """It is on the disk. Raises OSError."""
        return asyncio.wrap_future(self._done)

    @property
    def is_settled(self) -> bool:
        """Whether it is on the disk now."""
        return self._done.done() and self._done.exception() is None

    def wait(self) -> None:
        """In a thread, but none of those that do the jobs: until it is on the disk. Raises OSError."""
        self._done.result()

    def _run(self, work: Work) -> None:
        item, settle = work()
        self._judged.set_result(item)
        if settle is not None:
            settle()

    def _failed(self, done: "Future[None]") -> None:
        error = done.exception()
        if error is not None and not self._judged.done():
            self._judged.set_exception(error)
