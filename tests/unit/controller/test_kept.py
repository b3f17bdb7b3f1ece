"""A part that fails is started again, and one that is told to end ends, whatever its end does."""

import asyncio

import pytest

from controller import kept as keeping
from controller.kept import kept
from tests.support.sender import until


async def test_a_part_that_fails_is_told_and_started_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeping, "AGAIN_S", 0.01)
    begun: list[int] = []

    async def part() -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise OSError("the disk is full")
        await asyncio.Event().wait()

    async with kept("it", part):
        await until(lambda: len(begun) == 3)
    assert caplog.text.count("it failed; it is started again") == 2


async def test_a_part_whose_end_fails_ends_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    begun = asyncio.Event()

    async def part() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            raise OSError("the database does not answer")

    async with asyncio.timeout(30):
        async with kept("it", part):
            await begun.wait()
    assert "it failed as it ended" in caplog.text
