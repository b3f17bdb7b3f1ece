"""Processor time (proc(5), stat; by ticks) and memory of a process with its children."""

import psutil


def spent_s(*pids: int) -> float:
    """Seconds so far, user and system, also of children that have ended."""
    return sum(_tree(psutil.Process(pid)) for pid in pids)


def resident_mb(*pids: int) -> float:
    """MB (10^6 bytes) that they have in memory now; what they share counts for each of them."""
    roots = [psutil.Process(pid) for pid in pids]
    processes = [*roots, *(child for root in roots for child in root.children(recursive=True))]
    return sum(one.memory_info().rss for one in processes) / 1e6


def _tree(root: psutil.Process) -> float:
    spent = 0.0
    for one in (root, *root.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:  # it ended just now, and is in its parent's
            continue
        spent += times.user + times.system + times.children_user + times.children_system
    return spent
