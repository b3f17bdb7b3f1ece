"""A plugin of pytest: a test that hangs, or takes its process down, costs that test and no other.

A test over its time is failed by an alarm, once (pytest-timeout). Where what it raises is lost, or where
cleaning up hangs, the worker ends itself, tells in what each of its threads was, and another takes over.
"""

import faulthandler
from collections.abc import Iterator

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ours."""
    parser.addini("grace", "how many seconds a test that is over its time has to clean up", default="120")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Not a test that is without a limit."""
    mark = item.get_closest_marker("timeout")
    if limit := float(mark.args[0] if mark else item.config.getini("timeout")):
        _end_if_it_hangs(item.config, limit)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker that does not end keeps all others waiting."""
    if hasattr(session.config, "workerinput"):
        _end_if_it_hangs(session.config, 0)


def _end_if_it_hangs(config: pytest.Config, limit: float) -> None:
    after = limit + float(config.getini("grace"))
    faulthandler.dump_traceback_later(after, exit=True, file=config.stash[fault_handler_stderr_fd_key])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling | None:
    """Of `--dist loadgroup`."""
    return _OverCrashes(config, log) if config.getoption("dist") == "loadgroup" else None


class _OverCrashes(LoadGroupScheduling):
    """pytest-xdist 3.8 waits forever once a worker was replaced (its issues 1323, 1327 and 1371)."""

    def remove_node(self, node: WorkerController) -> str | None:
        """What took its worker down is not begun again, and what was done is not handed out once more."""
        work = self.assigned_work.pop(node)
        undone = [(unit, test) for unit in work.values() for test, is_done in unit.items() if not is_done]
        if not undone:
            return None
        unit, crashed = undone[0]
        unit[crashed] = True
        self.workqueue.update({scope: unit for scope, unit in work.items() if not all(unit.values())})
        for other in self.nodes:
            self._reschedule(other)
        return crashed

    def _reschedule(self, node: WorkerController) -> None:
        """A worker begins a test when it knows the next, or that there is none."""
        super()._reschedule(node)
        while not node.shutting_down and self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)
