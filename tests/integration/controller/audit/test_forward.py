"""The trail at a receiver of syslog: over real TLS, in order, and without a hole whatever ends when."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from controller.audit import forward
from controller.audit.chain import append_all
from controller.audit.forward import Forwarder, Receiver
from controller.identity.authority import Authority, new_authority, new_key
from controller.store import Store
from tests.support.controller import eventually
from tests.support.trails import entries
from tests.unit.controller.audit.test_syslog import parts

PEM = Encoding.PEM


def authority() -> Authority:
    return new_authority(datetime.now(UTC))[0]


class Collector:
    """A receiver: takes frames apart, keeps the messages. It can end in the middle, bytes unread."""

    def __init__(self, folder: Path, owner: Authority) -> None:
        key = new_key()
        one = owner.server(["127.0.0.1"], key.public_key(), datetime.now(UTC), timedelta(days=1))
        chain = one.public_bytes(PEM) + owner.issuing.public_bytes(PEM)
        file = folder / "receiver.pem"
        file.write_bytes(chain + key.private_bytes(PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(file)
        self.messages: list[bytes] = []
        self.connections = 0
        self.end_after: int | None = None
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    @property
    def numbers(self) -> list[int]:
        return [int(parts(one)[6]) for one in self.messages]

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while self.end_after is None or len(self.messages) < self.end_after:
                    length = int((await reader.readuntil(b" "))[:-1])
                    self.messages.append(await reader.readexactly(length))
        finally:
            self._writers.discard(writer)
            writer.transport.abort()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "wardlink.sqlite")
    yield opened
    await opened.close()


def trusting(owner: Authority, port: int) -> Receiver:
    text = owner.root.public_bytes(PEM).decode()
    return Receiver("127.0.0.1", port, ssl.create_default_context(cadata=text))


@asynccontextmanager
async def forwarding(store: Store, receiver: Receiver) -> AsyncIterator[Forwarder]:
    one = Forwarder(store, receiver, "hospital", settle_s=0.1, again_s=0.05)
    task = asyncio.create_task(one.run())
    yield one
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until(number: int, one: Forwarder) -> None:
    async with asyncio.timeout(30):
        while await one.position() < number:  # noqa: ASYNC110 - the database has no events
            await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "LOOK_S", 0.05)
    monkeypatch.setattr(forward, "BATCH", 40)


async def test_every_entry_arrives_in_order_and_what_comes_later_follows(
    store: Store, tmp_path: Path
) -> None:
    owner = authority()
    collector = Collector(tmp_path, owner)
    await collector.start()
    await store.write(lambda db: append_all(db, entries(100)))
    async with forwarding(store, trusting(owner, collector.port)) as one:
        await until(100, one)
        await store.write(lambda db: append_all(db, entries(5)))
        await until(105, one)
    assert collector.numbers == list(range(1, 106))
    assert collector.connections == 1
    await collector.stop()


async def test_a_receiver_that_goes_away_in_the_middle_gets_all_the_rest_when_it_is_back(
    store: Store, tmp_path: Path
) -> None:
    owner = authority()
    collector = Collector(tmp_path, owner)
    collector.end_after = 50
    await collector.start()
    await store.write(lambda db: append_all(db, entries(200)))
    async with forwarding(store, trusting(owner, collector.port)) as one:
        await eventually(lambda: len(collector.messages) >= 50)
        await collector.stop()
        assert await one.position() <= 50
        collector.end_after = None
        await collector.start()
        await until(200, one)
    first = list(dict.fromkeys(collector.numbers))
    assert sorted(first) == first == list(range(1, 201))
    await collector.stop()


async def test_a_restart_goes_on_where_it_left_off(store: Store, tmp_path: Path) -> None:
    owner = authority()
    collector = Collector(tmp_path, owner)
    await collector.start()
    await store.write(lambda db: append_all(db, entries(10)))
    async with forwarding(store, trusting(owner, collector.port)) as one:
        await until(10, one)
    await store.write(lambda db: append_all(db, entries(10)))
    async with forwarding(store, trusting(owner, collector.port)) as one:
        await until(20, one)
    assert collector.numbers == list(range(1, 21))
    await collector.stop()


async def test_a_receiver_of_another_authority_gets_not_one_byte(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    collector = Collector(tmp_path, authority())
    await collector.start()
    await store.write(lambda db: append_all(db, entries(3)))
    async with forwarding(store, trusting(authority(), collector.port)) as one:
        await eventually(lambda: "CERTIFICATE_VERIFY_FAILED" in caplog.text)
        assert await one.position() == 0
    assert collector.messages == []
    await collector.stop()


async def test_a_receiver_that_takes_nothing_moves_no_position(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its host acknowledges as much as its buffers hold, and no more; that is not all of it."""
    monkeypatch.setattr(forward, "BATCH", 20_000)
    monkeypatch.setattr(forward, "ANSWER_S", 0.5)
    owner = authority()
    collector = Collector(tmp_path, owner)
    collector.end_after = 0
    held: set[asyncio.StreamWriter] = set()

    async def never(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.add(writer)
        await asyncio.sleep(60)

    monkeypatch.setattr(collector, "_take", never)
    await collector.start()
    await store.write(lambda db: append_all(db, entries(20_000)))
    async with forwarding(store, trusting(owner, collector.port)) as one:
        await eventually(lambda: len(held) >= 2)  # given up, and tried again
        assert await one.position() == 0
    await collector.stop()
    for writer in held:
        writer.transport.abort()
