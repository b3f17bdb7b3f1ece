"""An event loop of virtual time: it jumps to the next timer, and a seed decides between simultaneous ones.

    loop = SimLoop(seed=7)
    process = Process(loop, "gateway")
    process.start(main())     # its tasks, timers and threads belong to it
    process.kill()            # none of them ever runs again, no `finally` of theirs has any effect

A thread (`run_in_executor`, `asyncio.to_thread`) is a call that takes a drawn time and runs whole; the calls
of one executor stand in line. `Crash`, raised in such a call, kills the process that made it.
"""

import asyncio
import contextvars
import heapq
import random
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any

_CALL_S = 0.0001, 0.006
"""How long a call in a thread may take, at least and at most: a sync of a usual disk."""
_STALLS_S = 0.0, 0.02, 2.0
"""How long a call that crashes may stand still before, while the loop goes on."""
_ANSWER_S = 0.0005
"""How long its result may take to the loop."""
_CLOSINGS = 20
"""A coroutine may wait once more in each `finally` before it is closed."""


class Crash(BaseException):
    """The process that does this ends here."""


class _NoInput:
    """A selector that only lets time pass."""

    def __init__(self, loop: "SimLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        """Nothing ever comes from outside."""
        if timeout is None:
            raise RuntimeError("deadlock: nothing is scheduled, so nothing will ever happen again")
        self._loop.now += max(0.0, timeout)
        return []


class SimTask(asyncio.Task[Any]):
    """A task whose hash is its number: sets of tasks have the same order in every run."""

    def __init__(self, number: int, *args: Any, **kwargs: Any) -> None:
        self._number = number  # first, for a task is put into a set while it is made
        super().__init__(*args, **kwargs)
        self._log_destroy_pending = False

    def __hash__(self) -> int:
        return self._number


class SimLoop(asyncio.base_events.BaseEventLoop):
    """See the module. `steps` counts turns of the loop."""

    _scheduled: list[asyncio.TimerHandle]
    _ready: deque[asyncio.Handle]

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.now = 0.0
        self.steps = 0
        self.random = random.Random(seed)
        self._selector = _NoInput(self)
        self._clock_resolution = 1e-9
        self._tasks = 0
        self._busy_until: dict[int, float] = {}
        self.set_task_factory(self._make_task)  # type: ignore[arg-type]

    def time(self) -> float:
        """Virtual seconds since the simulation began."""
        return self.now

    def _make_task(
        self, _: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
    ) -> SimTask:
        self._tasks += 1
        task = SimTask(self._tasks, coro, loop=self, **options)
        if (process := PROCESS.get()) is not None:
            process.tasks.append(task)
        return task

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """There is no other thread to be woken from."""

    def _run_once(self) -> None:
        self.steps += 1
        super()._run_once()  # type: ignore[misc]

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        """As asyncio's; what a dead process asks for is never done."""
        if _is_dead(context):
            return _never(self, callback, args, context)
        return super().call_soon(callback, *args, context=context)

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        """All threads are this one."""
        return self.call_soon(callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        """As asyncio's; up to a microsecond late, so that what is due at one moment is in a drawn order."""
        late = when + self.random.random() * 1e-6
        timer = super().call_at(late, callback, *args, context=context)
        if _is_dead(context):
            timer.cancel()
        return timer

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Call `func` a little later, all at once."""
        if in_dead_process():
            return self.create_future()
        end = max(self.now, self._busy_until.get(id(executor), 0.0)) + self.random.uniform(*_CALL_S)
        if executor is not None:
            self._busy_until[id(executor)] = end + 2e-6
        return self.create_task(self._call(end - self.now, func, args))

    async def _call(self, wait_s: float, func: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        await asyncio.sleep(wait_s)
        try:
            result = func(*args)
        except Crash as crash:
            process = PROCESS.get()
            assert process is not None, "only processes crash"
            await asyncio.sleep(self.random.random() * self.random.choice(_STALLS_S))
            process.kill(str(crash))
            await asyncio.Event().wait()
            raise
        await asyncio.sleep(self.random.random() * _ANSWER_S)
        return result

    def drop(self, process: "Process") -> None:
        """Forget whatever is scheduled for `process`."""
        for handle in (*self._ready, *self._scheduled):
            if _owner(handle._context) is process:  # type: ignore[attr-defined]
                handle.cancel()
        self._scheduled = [timer for timer in self._scheduled if not timer.cancelled()]
        heapq.heapify(self._scheduled)
        self._timer_cancelled_count = 0


class Process:
    """Tasks that live and die together. `ended` is set when it is killed."""

    def __init__(self, loop: SimLoop, name: str) -> None:
        self.name = name
        self.dead = False
        self.why = ""
        self.ended = asyncio.Event()
        self.tasks: list[asyncio.Task[Any]] = []
        self._loop = loop
        self._context = contextvars.copy_context()
        self._context.run(PROCESS.set, self)

    def start(self, main: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run `main` as this process."""
        return self._context.run(self._loop.create_task, main)

    def kill(self, why: str = "killed") -> None:
        """End it here and now; may be called by the process itself."""
        if self.dead:
            return
        self.dead, self.why = True, why
        self._loop.drop(self)
        # Not now: the process may be on the stack.
        alive = contextvars.Context()
        self._loop.call_soon(self._bury, context=alive)
        self._loop.call_soon(self.ended.set, context=alive)

    def _bury(self) -> None:
        for task in self.tasks:
            if not task.done():
                self._context.run(_close, task.get_coro())
        self.tasks.clear()


PROCESS: contextvars.ContextVar[Process | None] = contextvars.ContextVar("PROCESS", default=None)


def in_dead_process() -> bool:
    """Whether whoever asks is dead: it is being buried, and may not touch anything."""
    process = PROCESS.get()
    return process is not None and process.dead


def _owner(context: contextvars.Context | None) -> Process | None:
    return PROCESS.get() if context is None else context.get(PROCESS)


def _is_dead(context: contextvars.Context | None) -> bool:
    owner = _owner(context)
    return owner is not None and owner.dead


def _never(loop: SimLoop, callback: Any, args: Any, context: Any) -> asyncio.Handle:
    handle = asyncio.Handle(callback, args, loop, context)
    handle.cancel()
    return handle


def _close(coro: Any) -> None:
    """Let the coroutine's `finally` blocks run to no effect, so that nothing of it runs ever after."""
    for _ in range(_CLOSINGS):
        with suppress(BaseException):  # nobody is there any more to hear of it
            coro.close()
            return
