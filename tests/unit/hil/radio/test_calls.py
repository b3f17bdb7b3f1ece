"""Calls outlive an impatient caller, never their link, and fail in bleak's terms."""

import asyncio

import pytest
from bleak.exc import BleakError, BleakGATTProtocolError
from bumble.att import ATT_Error, ErrorCode
from bumble.core import InvalidStateError
from bumble.core import TimeoutError as BumbleTimeoutError

from hil.radio.calls import Calls


async def fail(error: Exception) -> None:
    """A call that ends with `error`."""
    raise error


async def test_a_call_gives_its_result() -> None:
    assert await Calls().run(asyncio.sleep(0, "result")) == "result"


async def test_a_call_goes_on_when_its_caller_gives_up() -> None:
    calls, answer = Calls(), asyncio.Event()
    done: list[str] = []

    async def call() -> None:
        await answer.wait()
        done.append("answered")

    caller = asyncio.create_task(calls.run(call()))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.wait({caller})
    assert caller.cancelled()
    answer.set()
    await calls.run(asyncio.sleep(0))
    assert done == ["answered"]


async def test_the_end_of_the_link_ends_its_calls_with_the_reason() -> None:
    calls = Calls()
    caller = asyncio.create_task(calls.run(asyncio.Event().wait()))
    await asyncio.sleep(0)
    calls.end("out of range")
    with pytest.raises(BleakError, match="out of range"):
        await caller
    with pytest.raises(BleakError, match="out of range"):
        await calls.run(asyncio.sleep(0))


async def test_an_att_error_keeps_its_code() -> None:
    with pytest.raises(BleakGATTProtocolError) as refused:
        await Calls().run(fail(ATT_Error(ErrorCode.INSUFFICIENT_ENCRYPTION)))
    assert refused.value.code == 0x0F


async def test_an_unanswered_request_is_a_time_out() -> None:
    with pytest.raises(TimeoutError, match="ATT_READ_REQUEST"):
        await Calls().run(fail(BumbleTimeoutError("GATT timeout for ATT_READ_REQUEST")))


async def test_a_refusal_of_the_stack_is_an_error_of_bleak() -> None:
    with pytest.raises(BleakError, match="already pending"):
        await Calls().run(fail(InvalidStateError("connection already pending")))


async def test_an_error_of_our_own_is_not_disguised() -> None:
    with pytest.raises(ZeroDivisionError):
        await Calls().run(fail(ZeroDivisionError()))
