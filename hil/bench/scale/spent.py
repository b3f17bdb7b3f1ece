"""Processor time of a process with its children, also those that have ended: proc(5), stat; by ticks."""

import psutil


def spent_s(*pids: int) -> float:
    """Seconds so far, user and system."""
    return sum(_tree(psutil.Process(pid)) for pid in pids)


def _tree(root: psutil.Process) -> float:
    spent = 0.0
    for one in (root, *root.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:  # it ended just now, and is in its parent's
            continue
        spent += times.user + times.system + times.children_user + times.children_system
    return spent
