"""The lanes' marks as they are on the wire: packets are captured in a network namespace of their own."""

import asyncio
import socket
from collections import defaultdict
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from devices.wire.topics import LANES
from hil.faults.namespace import in_namespace
from tests.integration.gateway.rig import GatewayProcess, write_config
from tests.support.broker_process import BrokerProcess

_IPV4, _TCP, _ENOUGH = 0x0800, 6, 8


async def captured(config: Path, broker: BrokerProcess, doors: dict[str, int]) -> dict[str, set[int]]:
    """By lane, the DSCP of all packets, from the first on, that a gateway sends to the lane's door."""
    seen: dict[str, list[int]] = defaultdict(list)
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_IPV4)) as wire:
        wire.bind(("lo", _IPV4))
        wire.setblocking(False)
        broker.start()
        async with AsyncExitStack() as stack:
            for port in doors.values():
                await stack.enter_async_context(
                    await asyncio.start_server(door_to(broker.port), "127.0.0.1", port)
                )
            stack.enter_context(GatewayProcess(config))
            lanes = {port: lane for lane, port in doors.items()}
            while min(len(seen[lane]) for lane in LANES) < _ENOUGH:
                port, dscp = read(await asyncio.get_running_loop().sock_recv(wire, 65536))
                if port in lanes:
                    seen[lanes[port]].append(dscp)
        broker.stop()
    return {lane: set(marks) for lane, marks in seen.items()}


def read(packet: bytes) -> tuple[int, int]:
    """Target port and DSCP of a TCP packet; zeros for another one (RFC 791, 3.1; RFC 9293, 3.1)."""
    start = (packet[0] & 15) * 4
    if packet[9] != _TCP:
        return 0, 0
    return int.from_bytes(packet[start + 2 : start + 4], "big"), packet[1] >> 2


def door_to(port: int):  # noqa: ANN201 - what asyncio calls for each connection
    """Carries a connection on to the broker: TLS is between the ends."""

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            target.write(data)
        target.close()

    async def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):  # the gateway ends first
            inner, outer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(carry(reader, outer), carry(inner, writer))

    return came


def with_doors(folder: Path, broker: BrokerProcess, marks: dict[str, int]) -> tuple[Path, dict[str, int]]:
    """A gateway's configuration with an address of its own for each lane."""
    doors = {lane: 24_501 + n for n, lane in enumerate(LANES)}
    tables = [
        f'[controller.lanes.{lane}]\naddress = "mqtts://127.0.0.1:{port}"\n'
        + (f"dscp = {marks[lane]}\n" if lane in marks else "")
        for lane, port in doors.items()
    ]
    folder.mkdir()
    config = write_config(
        folder, broker.url, "/dev/null", identity=broker.identity("ward-a"), extra="\n".join(tables)
    )
    return config, doors


async def test_each_lane_is_marked_on_the_wire_and_one_without_a_mark_is_seen_to_have_none(
    broker: BrokerProcess, tmp_path: Path
) -> None:
    config, doors = with_doors(tmp_path / "box", broker, {"alert": 46, "vital": 34, "wave": 0, "bulk": 8})
    assert await in_namespace(lambda: captured(config, broker, doors)) == {
        "alert": {46},
        "vital": {34},
        "wave": {0},
        "bulk": {8},
    }
