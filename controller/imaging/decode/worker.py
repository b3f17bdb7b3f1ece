"""One decoder: does one job after the other, under limits that the kernel keeps, until nobody asks."""

import ctypes
import resource
import signal
import socket
from collections.abc import Callable
from typing import Final

from controller.imaging.decode import syntaxes
from controller.imaging.decode.codecs import decoded
from controller.imaging.decode.encoders import encoded
from controller.imaging.decode.jobs import ANSWER, DONE, HEAD, REFUSED, Job, Work, read_job
from controller.imaging.decode.pictures import rendered
from controller.imaging.decode.transcode import transcoded
from controller.imaging.errors import BadDicom, CannotDecode

MEMORY: Final = 2 << 30
"""Bytes of address space."""
TRANSCODE_CPU_S: Final = 100
FRAME_CPU_S: Final = 2
"""Processor seconds of one job; the kernel ends the worker that takes more (SIGXCPU). It happens: a damaged
JPEG-LS frame of a kilobyte keeps CharLS busy for 4 to 15 s before it says so."""
BYTES_A_CPU_S: Final = 4 << 20
"""Of stored values; each adds a second. JPEG 2000, the slowest, needs a quarter of that."""
LONGEST_WORDS: Final = 500

_PARENT_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38
"""prctl(2)."""
_prctl = ctypes.CDLL(None).prctl

Do = Callable[[Job], bytes]


def do(job: Job) -> bytes:
    """The answer to a job. Raises CannotDecode, BadDicom."""
    if job.work == Work.TRANSCODE:
        return transcoded(job.data, job.target)
    if job.work == Work.RENDER and job.how:
        return rendered(job.frame, job.how)
    values, photometric = decoded(job.frame)
    target = job.target if job.work == Work.ENCODE else syntaxes.EXPLICIT
    return encoded(values, photometric, job.frame.picture, target)[0]


def limit() -> None:
    """No file, no socket, no process, no core; so much memory. What is open already stays open.

    The kernel ends the worker with its zygote, which it ends with the service.
    """
    _prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    _prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)


def serve(connection: socket.socket, work: Do = do) -> None:
    """Answer until the other end closes."""
    while head := _received(connection, HEAD.size):
        kind, details, size = HEAD.unpack(head)
        job = read_job(kind, _received(connection, details), _received(connection, size))
        _allow(job)
        try:
            status, answer = DONE, work(job)
        except MemoryError:
            status, answer = REFUSED, f"it needs more than {MEMORY >> 20} MB of memory".encode()
        except (CannotDecode, BadDicom, ValueError, RuntimeError) as error:
            status, answer = REFUSED, str(error)[:LONGEST_WORDS].encode()
        connection.sendall(ANSWER.pack(status, len(answer)))
        connection.sendall(answer)
        del job, answer  # not kept while waiting


def _allow(job: Job) -> None:
    """So many processor seconds from now."""
    if job.picture is None:
        allowed = TRANSCODE_CPU_S
    else:
        allowed = FRAME_CPU_S + job.picture.frame_bits // (8 * BYTES_A_CPU_S)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(usage.ru_utime + usage.ru_stime) + 1
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + allowed, most))


def _received(connection: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes; b"": the other end has closed."""
    buffer = bytearray(size)
    view, at = memoryview(buffer), 0
    while at < size:
        got = connection.recv_into(view[at:])
        if not got:
            return b""
        at += got
    return bytes(buffer)
