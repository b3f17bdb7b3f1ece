"""A plugin of pytest: who runs what, and that a test which hangs or crashes costs that test only.

A test over its time is failed by an alarm, once (pytest-timeout). Where what it raises is lost, or where
cleaning up hangs, the worker ends itself, tells in what each of its threads was, and another takes over.
"""

import faulthandler
import signal
from collections.abc import Iterator

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from _pytest.nodeid import NodeId
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController

CAMERAS = "cameras"
"""The group of tests with cameras."""
HEAVY_AT_ONCE = 2
_WHOLE = frozenset({CAMERAS, "demo", "cluster"})
"""Groups of a whole demo, or cluster, of processes; or of pages with cameras."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ours."""
    parser.addini("grace", "how many seconds a test that is over its time has to clean up", default="120")


def pytest_configure() -> None:
    """What a shell starts in the background ignores SIGINT, and so would all that tests start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """pytest-xdist 3.8 writes groups where pytest 9.2 does not look: it would keep none together."""
    if config.getoption("loadgroup", default=False):
        for item in items:
            if group := item.get_closest_marker("xdist_group"):
                item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling | None:
    """Of `--dist loadgroup`."""
    return _Scheduling(config, log) if config.getoption("dist") == "loadgroup" else None


def _is_heavy(scope: str) -> bool:
    """With a browser, or a whole site: each uses more than a core, while others mostly wait."""
    return scope in _WHOLE or scope.startswith("browser/")


class _Scheduling(LoadGroupScheduling):
    """Few that are heavy at once, from the start on; and it goes on after a crash.

    pytest-xdist 3.8 waits forever once a worker was replaced (its issues 1323, 1327 and 1371).
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        busy = sum(self._is_busy(other) for other in self.nodes if other is not node)
        for scope in self.workqueue:
            if _is_heavy(scope) == (busy < HEAVY_AT_ONCE):
                self.workqueue.move_to_end(scope, last=False)
                break
        super()._assign_work_unit(node)

    def _is_busy(self, node: WorkerController) -> bool:
        work = self.assigned_work[node].items()
        return any(_is_heavy(scope) and not all(unit.values()) for scope, unit in work)

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
