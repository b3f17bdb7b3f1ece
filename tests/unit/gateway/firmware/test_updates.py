"""The order to update a node: what is told, when it begins, and why it does not; with the node's own core."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from devices.codecs import Host
from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import DeviceEvent, Instant
from devices.wire.manifest import Manifest
from gateway.config import DeviceConfig
from gateway.errors import Busy, GatewayError, LinkError, OrderRefused, UpdateError
from gateway.firmware.updates import NodeUpdates
from gateway.gather import Who
from gateway.session import CALM_NS, Session
from tests.support.node_board import BOARD, IMAGE, PULSE, Board
from tests.unit.gateway.orders.made import HeldClock

ORDER = {"device": "node-1", "version": 2, "digest": hashlib.sha256(IMAGE).hexdigest(), "by": "anna"}
STEP_MS = 20


class Box(HeldClock):
    """A gateway's part with a node at its line, which moves on whenever the event loop has nothing to do."""

    def __init__(self, board: Board | None, image: tuple[str, int] = (BOARD, 2)) -> None:
        super().__init__()
        self.board, self.ms = board, 0
        self.served = [
            DeviceConfig(id="node-1", profile="wardlink-node-vitals", port="/dev/null"),
            DeviceConfig(id="ox-1", profile="nonin-xpod", port="/dev/null"),
        ]
        self.sessions = [Session.of(one) for one in self.served]
        self.manifest = Manifest(*image, len(IMAGE), hashlib.sha256(IMAGE).digest())
        self.told: list[tuple[int, dict[str, str | int]]] = []
        self.updates = NodeUpdates(self, lambda: self.served, self.sessions, self, self._put, look_s=0)
        self.memory: dict[str, int] = {}

    def now(self) -> Instant:
        return Instant(self.ms * 1_000_000)

    async def fetch(self, version: int, digest: str) -> tuple[Manifest, bytes]:
        return self.manifest, IMAGE

    def _put(self, who: Who, event: DeviceEvent) -> None:
        assert who[0] == "node-1"
        self.told.append((self.ms, dict(event.detail)))

    @property
    def stages(self) -> list[str | int]:
        found = [one["progress"] for _, one in self.told]
        return [one for at, one in enumerate(found) if found[at - 1 : at] != [one]]

    @asynccontextmanager
    async def line(self) -> AsyncIterator[None]:
        """The link of the node, inside the block."""
        task = asyncio.create_task(self._talk())
        try:
            yield
        finally:
            task.cancel()

    async def _talk(self) -> None:
        codec = NodeVitals(Host(memory=self.memory, errands=self.sessions[0].errands))
        down = b""
        while True:
            self.ms += STEP_MS
            up = self.board.turn(down, self.ms) if self.board else b""
            said = codec.receive_data(up, self.now())
            due = codec.next_timer()
            if due is not None and due <= self.now():
                said += codec.handle_timer(self.now())
            list(self.sessions[0].take(said))
            if codec.awaits_journal():
                codec.journalled(self.now())
            down = codec.data_to_send()
            await asyncio.sleep(0)

    async def refusal(self, kind: type[GatewayError], **order: str | int) -> str:
        with pytest.raises(kind) as refused:
            async with self.line():
                await self.updates.update({**ORDER, **order})
        assert self.sessions[0].errands == []
        return str(refused.value)


async def become(condition: Callable[[], object]) -> None:
    while not condition():  # noqa: ASYNC110 - time goes on by itself here
        await asyncio.sleep(0)


async def test_a_node_runs_what_was_ordered_and_each_stage_is_told() -> None:
    box = Box(Board())
    async with box.line():
        await box.updates.update(ORDER)
    assert box.board is not None
    assert box.board.version == 2
    assert [one for one in box.stages if one not in ("switching", "trial")] == [
        *("asking", "offered", "sending", "taken", "ended")
    ]
    assert box.told[-1][1] == {"version": 2, "progress": "ended", "percent": 100}
    assert box.sessions[0].errands == []


async def test_of_what_is_sent_few_steps_are_told() -> None:
    box = Box(Board())
    async with box.line():
        await box.updates.update(ORDER)
    sending = [(at, one["percent"]) for at, one in box.told if one["progress"] == "sending"]
    assert all(after - before >= 1000 for (before, _), (after, _) in pairwise(sending))
    assert len(sending) <= 11


async def test_it_waits_until_the_node_has_measured_no_patient_for_five_minutes() -> None:
    board = Board(metric=PULSE)
    box = Box(board)
    async with box.line():
        order = asyncio.create_task(box.updates.update(ORDER))
        await become(lambda: box.told and "why" in box.told[-1][1])
        assert "it measures a patient" in str(box.told[-1][1]["why"])
        waited_from, told = box.ms, len(box.told)
        for _ in range(5000):
            await asyncio.sleep(0)
        assert (board.version, len(box.told)) == (1, told)
        board.metric, off = 280, box.ms
        await order
    assert off - waited_from >= 5000 * STEP_MS - STEP_MS
    assert box.ms - off >= CALM_NS // 1_000_000 - 200
    assert board.version == 2


async def test_what_a_node_tells_of_before_does_not_prove_that_nobody_lies_there_now() -> None:
    """It was without a gateway for a while, and measures a patient: that it tells last."""
    board = Board(metric=PULSE, pages=256)
    for ms in range(0, 190_000, STEP_MS):
        board.turn(b"", ms)
    box = Box(board)
    box.ms = 190_000
    async with box.line():
        order = asyncio.create_task(box.updates.update(ORDER))
        await become(lambda: [one for _, one in box.told if "a patient" in str(one.get("why"))])
        order.cancel()
    assert (board.version, board.boots) == (1, 1)
    assert any("what it measured before" in str(one.get("why")) for _, one in box.told)


async def test_another_device_at_the_gateway_that_measures_a_patient_does_not_hold_it_up() -> None:
    box = Box(Board())
    box.sessions[1].measured = Instant(0)
    async with box.line():
        await box.updates.update(ORDER)
    assert box.ms < CALM_NS // 1_000_000


async def test_a_version_that_is_not_healthy_is_told_as_failed_with_the_nodes_reason() -> None:
    why = await Box(Board(fails=True)).refusal(UpdateError)
    assert why.startswith("fell-back: it did not get healthy")
    assert "self-test failed" in why


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (("esp32", 2), "refused-board: it is not made for this node's board (the image is for esp32"),
        ((BOARD, 1), "refused-version: it is not newer than what the node runs (version 1 runs)"),
    ],
)
async def test_a_wrong_board_and_an_old_version_are_refused(image: tuple[str, int], expected: str) -> None:
    box = Box(Board(), image)
    assert (await box.refusal(OrderRefused)).startswith(expected)
    assert box.board is not None
    assert box.board.version == 1


async def test_a_device_that_is_no_node_and_one_of_another_gateway_are_refused() -> None:
    box = Box(Board())
    assert "is a nonin-xpod, not a node" in await box.refusal(OrderRefused, device="ox-1")
    assert "serves no node-9" in await box.refusal(OrderRefused, device="node-9")


async def test_a_node_that_does_not_answer_is_told_as_not_connected() -> None:
    why = await Box(None).refusal(LinkError)
    assert why == "node-1 does not answer: is it on, and its cable plugged in?"


async def test_a_node_that_falls_silent_in_the_middle_keeps_what_it_has() -> None:
    box = Box(Board())
    async with box.line():
        order = asyncio.create_task(box.updates.update(ORDER))
        await become(lambda: box.sessions[0].errands and box.sessions[0].errands[0].percent >= 50)
        board, box.board = box.board, None
        with pytest.raises(UpdateError, match=r"it has \d\d % of it, and said no more: ask again"):
            await order
        box.board = board
        await box.updates.update(ORDER)
    assert board is not None
    assert board.version == 2
    again = next(at for at, (_, one) in enumerate(box.told) if one["progress"] == "ended")
    assert min(int(one["percent"]) for _, one in box.told[again - 1 :]) > 30


async def test_of_two_orders_at_once_the_second_is_told_to_wait() -> None:
    box = Box(Board())
    async with box.line():
        first = asyncio.create_task(box.updates.update(ORDER))
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await box.updates.update(ORDER)
        await first


async def test_an_update_that_is_cancelled_leaves_nothing_behind() -> None:
    box = Box(Board())
    async with box.line():
        order = asyncio.create_task(box.updates.update(ORDER))
        await asyncio.sleep(0)
        assert len(box.sessions[0].errands) == 1
        order.cancel()
        await asyncio.gather(order, return_exceptions=True)
    assert box.sessions[0].errands == []
