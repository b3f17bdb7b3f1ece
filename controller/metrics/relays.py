"""Whether a relay (TURN) answers: a Binding request (RFC 8489, section 6.3.1), which needs no password.

await answers("turn:relay.hospital.example:3478", secrets.token_bytes(12))
"""

import asyncio
from urllib.parse import parse_qs

from controller.metrics.families import Metric, Values, gauge

WAIT_S = 1.0
_PORT = 3478
_COOKIE = bytes.fromhex("2112a442")
_REQUEST, _SUCCESS = bytes.fromhex("00010000"), bytes.fromhex("0101")


class _Binding(asyncio.DatagramProtocol):
    """`answered` is set by the answer to the request of this transaction."""

    def __init__(self, transaction: bytes) -> None:
        self.answered = asyncio.Event()
        self._transaction = transaction

    def datagram_received(self, data: bytes, addr: object) -> None:
        """See asyncio."""
        if data[:2] == _SUCCESS and data[4:20] == _COOKIE + self._transaction:
            self.answered.set()

    def error_received(self, exc: Exception) -> None:
        """See asyncio: nobody listens there; that the answer does not come says it."""


async def answers(url: str, transaction: bytes) -> bool:
    """Whether the relay at `url` (RFC 7065), over UDP, answers within WAIT_S; by TCP: whether it listens."""
    address, _, query = url.partition("?")
    scheme, _, where = address.partition(":")
    host, colon, port = where.rpartition(":")
    if not colon or not port.isdecimal():
        host, port = where, str(_PORT)
    host = host.strip("[]")
    by_tcp = scheme == "turns" or parse_qs(query).get("transport") == ["tcp"]
    try:
        async with asyncio.timeout(WAIT_S):
            return await (_listens(host, int(port)) if by_tcp else _bound(host, int(port), transaction))
    except (OSError, TimeoutError):
        return False


async def _bound(host: str, port: int, transaction: bytes) -> bool:
    loop = asyncio.get_running_loop()
    transport, binding = await loop.create_datagram_endpoint(
        lambda: _Binding(transaction), remote_addr=(host, port)
    )
    try:
        transport.sendto(_REQUEST + _COOKIE + transaction)
        await binding.answered.wait()
    finally:
        transport.close()
    return True


async def _listens(host: str, port: int) -> bool:
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    return True


async def relays(urls: tuple[str, ...], transaction: bytes) -> Metric:
    """Of each, by its place in the configuration."""
    found = await asyncio.gather(*(answers(url, transaction) for url in urls))
    up: Values = {(str(number),): is_up for number, is_up in enumerate(found)}
    return gauge("turn_up", "1: the relay answers; relays as they are configured, from 0", up, ["relay"])
