"""Calls into bumble that outlive an impatient caller but never the link they run on.

ATT allows one request at a time and HCI one connection attempt: a call that is simply cancelled leaves its
answer behind, to be taken for the answer of the next one. So a caller may give up, the call itself goes on
in the background, and everything still running ends when the link does.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from bleak.exc import BleakError, BleakGATTProtocolError
from bumble.att import ATT_Error
from bumble.core import BaseBumbleError
from bumble.core import TimeoutError as BumbleTimeoutError

T = TypeVar("T")


class Calls:
    """The calls running on one link; `end` stops them and refuses later ones."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()
        self._ended: str | None = None

    async def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Run `call` to its result, in bleak's terms.

        Raises:
            BleakGATTProtocolError: the peripheral answered with an ATT error.
            TimeoutError: the peer did not answer within the protocol's own time limit.
            BleakError: the link ended, or the stack refused the call.
        """
        return await self.result(self.start(call))

    def start(self, call: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start `call` in the background. Raises BleakError when the link has ended."""
        if self._ended is not None:
            call.close()
            raise BleakError(self._ended)
        task = asyncio.ensure_future(call)
        self._running.add(task)
        task.add_done_callback(self._forget)
        return task

    async def result(self, task: asyncio.Task[T]) -> T:
        """Wait for a started call; a caller that gives up leaves it running. Raises as `run` does."""
        await asyncio.wait({task})
        if task.cancelled():
            raise BleakError(self._ended or "the connection ended during the call")
        try:
            return task.result()
        except ATT_Error as error:
            raise BleakGATTProtocolError(int(error.error_code)) from error
        except (BumbleTimeoutError, TimeoutError) as error:
            raise TimeoutError(str(error) or "the peer did not answer in time") from error
        except BaseBumbleError as error:
            raise BleakError(str(error)) from error

    def end(self, reason: str) -> None:
        """Stop every running call; they and all later ones raise BleakError(`reason`)."""
        self._ended = reason
        for task in self._running:
            task.cancel()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen: nobody may be waiting any more
