"""Whether a relay answers: Debian's coturn, one that does not run, and one that says something else."""

import asyncio
import socket
from pathlib import Path

from controller.metrics.relays import answers
from tests.support.turn import coturn

TRANSACTION = bytes(range(12))


async def test_a_relay_that_runs_answers_by_udp_and_tcp(tmp_path: Path) -> None:
    with coturn(tmp_path, "a secret") as port:
        assert await answers(f"turn:127.0.0.1:{port}", TRANSACTION)
        assert await answers(f"turn:127.0.0.1:{port}?transport=tcp", TRANSACTION)


async def test_one_that_does_not_run_does_not() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        assert not await answers(f"turn:127.0.0.1:{held.getsockname()[1]}", TRANSACTION)
    assert not await answers("turn:127.0.0.1:9?transport=tcp", TRANSACTION)


async def test_the_answer_to_another_question_is_none() -> None:
    class Parrot(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            self.transport.sendto(b"\x01\x01\x00\x00" + data[4:8] + bytes(12), addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Parrot, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    assert not await answers(f"turn:127.0.0.1:{port}", TRANSACTION)
    transport.close()
