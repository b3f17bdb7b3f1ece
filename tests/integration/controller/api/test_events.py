"""The event stream: a snapshot first, then changes; resumed, exactly what was missed."""

import asyncio

from tests.support.controller import RunningController, eventually
from tests.support.http import client, events


async def test_a_new_reader_gets_a_snapshot_and_then_changes(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer, events(viewer) as stream:
        _, kind, data = await anext(stream)
        assert kind == "snapshot"
        assert [bed["id"] for bed in data["beds"]] == ["bed-1"]
        controller.say("ox-1", spo2=97)
        while kind != "values":
            _, kind, data = await anext(stream)
        assert data["items"][0] | {"value": 97.0, "metric": "spo2", "bed": "bed-1"} == data["items"][0]
        assert isinstance(data["server_ms"], int)


async def test_resuming_gives_exactly_the_missed_events_in_order(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer:
        async with events(viewer) as stream:
            last, _, _ = await anext(stream)
        for value in range(90, 100):
            controller.say("ox-1", spo2=value)
        async with events(viewer, last) as stream:
            seen = []
            async for _, kind, data in stream:
                assert kind in ("values", "time")
                seen += [item["value"] for item in data.get("items", [])]
                if len(seen) == 10:
                    break
    assert seen == [float(value) for value in range(90, 100)]


async def test_an_id_of_another_session_gives_a_fresh_snapshot(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer:
        for foreign in ("session0-5", "nonsense", "session1-999999"):
            async with events(viewer, foreign) as stream:
                assert (await anext(stream))[1] == "snapshot"


async def test_an_id_too_old_to_be_remembered_gives_a_fresh_snapshot(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer:
        async with events(viewer) as stream:
            last, _, _ = await anext(stream)
        for value in range(3000):
            controller.say("ox-1", spo2=value % 100)
        async with events(viewer, last) as stream:
            assert (await anext(stream))[1] == "snapshot"


async def test_time_comes_by_itself(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer, events(viewer) as stream, asyncio.timeout(5):
        async for _, kind, data in stream:
            if kind == "time":
                assert data.keys() == {"server_ms"}
                break


async def test_a_reader_that_leaves_is_forgotten(controller: RunningController) -> None:
    held = controller.hub._stream._subscriptions
    async with client(controller, "viewer") as viewer, events(viewer) as stream:
        await anext(stream)
        assert len(held) == 1
    await eventually(lambda: not held)


async def test_stopping_does_not_wait_for_open_streams(controller: RunningController) -> None:
    async with client(controller, "viewer") as viewer, events(viewer) as stream:
        await anext(stream)
        async with asyncio.timeout(5):
            await controller.stop()
        await controller.start()
