"""Work that is killed before one of the steps that it takes in the file system.

    for step in count():
        if not killed_before(step, work):
            break                # it had fewer steps: it is done

SIGKILL to a process of its own, in which Python's audit hook counts every open, rename, removal and lock.
"""

import os
import signal
import sys
from collections.abc import Callable

_STEPS = ("open", "os.", "shutil.", "fcntl.")


def killed_before(step: int, work: Callable[[], object]) -> bool:
    """Whether `work` was killed, before its step number `step`, counted from 0."""
    child = os.fork()
    if child == 0:
        _count_down(step)
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the work failed by itself"
    return False


def _count_down(left: int) -> None:
    def hook(event: str, _: tuple[object, ...]) -> None:
        nonlocal left
        if event.startswith(_STEPS):
            left -= 1
            if left == -1:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
