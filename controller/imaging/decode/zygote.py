"""Loads the codecs once and forks workers: 11 ms each instead of a second for a new interpreter.

python -m controller.imaging.decode.zygote FD      # a SOCK_SEQPACKET socket to the service

Asked "F" with a socket: forks a worker that serves it, answers its process id.
Asked "E" and a process id: ends that worker, answers how it ended (os.waitpid).
A worker that has ended is not waited for before: its process id cannot be another's meanwhile.
"""

import gc
import logging
import os
import signal
import socket
import sys
import traceback
import warnings
from contextlib import suppress
from pathlib import Path

from controller.imaging.decode.jobs import ANSWER, ASK, BROKEN, FORK, TELL
from controller.imaging.decode.rehearsal import rehearse
from controller.imaging.decode.worker import Do, do, limit, serve


def main(work: Do = do) -> None:
    """Serve until the service is gone; its workers see that by themselves."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.simplefilter("ignore")  # numbers beyond all ranges, and pydicom's, which quote what a file says
    logging.disable()
    rehearse()
    gc.collect()
    gc.freeze()
    children: set[int] = set()
    while True:
        asked, sockets, _, _ = socket.recv_fds(control, ASK.size, 1)
        if not asked:
            return
        what, pid = ASK.unpack(asked)
        if what == FORK:
            connection = socket.socket(fileno=sockets[0])
            pid = _fork(control, connection, work)
            connection.close()
            children.add(pid)
            control.send(TELL.pack(pid))
        else:
            control.send(TELL.pack(_end(pid, children)))


def _fork(control: socket.socket, connection: socket.socket, work: Do) -> int:
    """The new worker's process id."""
    if pid := os.fork():
        return pid
    status = 1
    try:
        control.close()
        limit()
        serve(connection, work)
        status = 0
    finally:
        with suppress(OSError, MemoryError):
            if error := sys.exc_info()[1]:
                where = _where(error)
                connection.sendall(ANSWER.pack(BROKEN, len(where)) + where)
        os._exit(status)


def _where(error: BaseException) -> bytes:
    """Where it broke, in a line. Not the error's words: they may be a patient's."""
    places = [
        f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return f"{type(error).__name__} at {', '.join(places[-6:])}".encode()


def _end(pid: int, children: set[int]) -> int:
    if pid not in children:
        return 0
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    children.discard(pid)
    return os.waitpid(pid, 0)[1]


if __name__ == "__main__":
    main()
