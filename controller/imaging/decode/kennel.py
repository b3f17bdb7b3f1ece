"""The workers' processes as the service sees them: the zygote that forks them, and one connection to each."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from controller.child import guarded
from controller.imaging.decode.jobs import ANSWER, ASK, BROKEN, DONE, END, FORK, TELL, Job
from controller.imaging.errors import CannotDecode

ZYGOTE: Final = (sys.executable, "-m", "controller.imaging.decode.zygote")
LARGEST_ANSWER: Final = 1 << 29
"""Bytes; a worker that announces more is broken."""
MOST_WORDS: Final = 1000
FORK_S: Final = 30.0
"""How long the zygote may take; at first it loads the codecs."""
_INHERITED: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_TOGETHER: Final = 1 << 16
_BUFFER: Final = 1 << 20
"""Bytes asked for between service and worker: a slice then goes over in two pieces and not in four."""


log = logging.getLogger(__name__)


class WorkerGone(Exception):
    """The worker cannot be used any more; with words when it is known why."""


class Worker:
    """The connection to one worker. To be used for one job at a time."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.jobs = 0
        self._connection = connection

    async def do(self, job: Job, deadline_s: float) -> bytes | str:
        """The answer, or the words of a refusal. Raises WorkerGone: it broke, or took too long."""
        self.jobs += 1
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(deadline_s):
                head = job.head()
                if len(job.data) < _TOGETHER:
                    await loop.sock_sendall(self._connection, head + job.data)
                else:
                    await loop.sock_sendall(self._connection, head)
                    await loop.sock_sendall(self._connection, job.data)
                status, size = ANSWER.unpack(await self._received(ANSWER.size))
                answer = bytes(await self._received(size))
        except TimeoutError as error:
            raise WorkerGone(f"took more than {deadline_s:.0f} s") from error
        except OSError as error:
            raise WorkerGone from error
        if status == DONE:
            return answer
        words = answer[:MOST_WORDS].decode(errors="replace")
        if status == BROKEN:
            log.error("a decoder broke: %a", words)
            raise WorkerGone("broke: see the log")
        return words

    async def _received(self, size: int) -> bytearray:
        if size > LARGEST_ANSWER:
            raise WorkerGone(f"announced an answer of {size} bytes")
        loop = asyncio.get_running_loop()
        buffer = bytearray(size)
        view, at = memoryview(buffer), 0
        while at < size:
            got = await loop.sock_recv_into(self._connection, view[at:])
            if not got:
                raise WorkerGone
            at += got
        return buffer

    def close(self) -> None:
        """It ends by itself when it sees that."""
        self._connection.close()


class Kennel:
    """The zygote. It is started again when it has ended."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._asking = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, program: Sequence[str] = ZYGOTE) -> AsyncIterator["Kennel"]:
        """Its processes end with the block."""
        kennel = cls(program)
        await kennel._start()
        try:
            yield kennel
        finally:
            await kennel._stop()

    async def fork(self) -> Worker:
        """A new worker. Raises CannotDecode: none can be had."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        with theirs:
            for _ in range(2):
                if pid := await self._ask(FORK, 0, theirs):
                    return Worker(pid, ours)
                await self._start()
        ours.close()
        raise CannotDecode("no decoder can be started; see the service's log")

    async def end(self, worker: Worker) -> str:
        """End a worker; how it ended, for people: "was ended by SIGSEGV"."""
        worker.close()
        status = await self._ask(END, worker.pid)
        if not status:
            return "has ended"
        if os.WIFSIGNALED(status):
            return f"was ended by {signal.Signals(os.WTERMSIG(status)).name}"
        return f"ended with status {os.waitstatus_to_exitcode(status)}"

    async def _ask(self, what: bytes, pid: int, connection: socket.socket | None = None) -> int:
        """The zygote's answer; 0: it has none."""
        async with self._asking:
            if self._control is None:
                return 0
            try:
                socket.send_fds(
                    self._control, [ASK.pack(what, pid)], [connection.fileno()] if connection else []
                )
                async with asyncio.timeout(FORK_S):
                    told = await asyncio.get_running_loop().sock_recv(self._control, TELL.size)
            except (OSError, TimeoutError):
                self._control.close()  # a late answer would be taken for that to the next question
                self._control = None
                return 0
            return TELL.unpack(told)[0] if told else 0

    async def _start(self) -> None:
        async with self._asking:
            await self._stop()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.setblocking(False)
            inherited = {key: os.environ[key] for key in _INHERITED if key in os.environ}
            with theirs:
                self._process = await asyncio.create_subprocess_exec(
                    *guarded([*self._program, str(theirs.fileno())]),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    env={**inherited, **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(sys.path)},
                )
            self._control = ours

    async def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
