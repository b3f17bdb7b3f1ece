"""A gateway finds its controller by the edge's platform; what the platform says is a hint, and no more."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import jsonschema
import pytest

from controller.identity.authority import new_authority
from gateway.apis.client import Client
from gateway.app import Gateway
from gateway.clock import SystemClock
from gateway.config import load
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import ApiRefused
from gateway.journal.journal import Journal
from gateway.mec.edge import Edge
from gateway.orders.kept import ConfigurationFile
from hil.sims.mec import service
from tests.integration.gateway.rig import Ox, write_config
from tests.support.broker_process import BrokerProcess, free_port
from tests.support.est import now, server_context, server_identity
from tests.support.mec_schema import SERVICES
from tests.support.operator import PlatformProcess
from tests.support.peer import Peer
from tests.support.waiting import until

NAME = "wardlink-controller"
QUERY = f"/mec_service_mgmt/v1/services?ser_name={NAME}"
HURRY_S = 0.1


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[PlatformProcess]:
    with PlatformProcess(tmp_path / "platform") as made:
        yield made


@pytest.fixture
def box(tmp_path: Path, broker: BrokerProcess, ox: Ox, platform: PlatformProcess) -> Path:
    """The configuration of a gateway that is told no address, and whose claim named one that is gone."""
    broker.start()
    identity = broker.identity("ward-a")
    path = write_config(tmp_path, "", ox.port, identity=identity, extra=platform.section)
    path.write_text(path.read_text(encoding="utf-8").replace('address = ""\n', ""), encoding="utf-8")
    claims(path, f"mqtts://127.0.0.1:{free_port()}")
    return path


def claims(box: Path, address: str) -> None:
    """The address in the claim by which it enrolled."""
    file = box.parent / "gateway-data" / "identity" / "controller.json"
    file.write_text(f'{{"est": "https://127.0.0.1:1", "mqtt": "{address}"}}', encoding="utf-8")


@asynccontextmanager
async def running(box: Path) -> AsyncIterator[Gateway]:
    read = load(box)
    assert read.mec
    config = read.model_copy(update={"mec": read.mec.model_copy(update={"every_s": HURRY_S})})
    data, clock = config.gateway.data, SystemClock()
    journal = Journal.open(data / "journal", b"a" * 8, 10**8, clock.block_clock())
    remote = ConfigurationFile("ward-a", data / "configuration.cose")
    gateway = Gateway(config, clock, IdentityFolder(data / "identity"), journal, remote)
    gateway.uplink.locator.wait_s = 0.1
    serving = asyncio.create_task(gateway.serve())
    try:
        yield gateway
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await gateway.keeper.close()


class Listener:
    """A TLS server that keeps all that anybody tells it, and answers nothing."""

    def __init__(self) -> None:
        self.address, self.heard = "", bytearray()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                self.heard += data
        except OSError:
            return
        finally:
            writer.close()


@pytest.fixture
async def stranger(tmp_path: Path) -> AsyncIterator[Listener]:
    """Under another authority than the controller's."""
    folder = tmp_path / "stranger"
    folder.mkdir()
    made = Listener()
    context = server_context(folder, server_identity(new_authority(now())[0], "127.0.0.1"))
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.address = f"mqtts://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield made


@pytest.fixture
async def other_way(broker: BrokerProcess) -> AsyncIterator[str]:
    """Another address of the same controller."""

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", broker.port)
        await asyncio.gather(pipe(reader, back), pipe(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"mqtts://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def names(platform: PlatformProcess, *uris: str, state: str = "ACTIVE") -> None:
    told = [service("other", {"uris": []}), service(NAME, {"uris": [*uris]}, state=state)]
    jsonschema.validate(told, SERVICES)
    platform.order(services=told)


async def arrives(peer: Peer) -> None:
    seen = len(peer.blocks)
    await until(lambda: len(peer.blocks) > seen + 3, "blocks arrive")


async def test_the_platform_answers_as_the_published_document_has_it(
    box: Path, platform: PlatformProcess
) -> None:
    names(platform, "mqtts://192.0.2.7")
    refused, told = platform.call("GET", QUERY)
    assert (refused, told["status"]) == (401, 401)
    config = load(box).mec
    assert config
    client = Client(config, SystemClock().now)
    answer = await client.call("GET", platform.url + QUERY)
    found = json.loads(answer.body)
    jsonschema.validate(found, SERVICES)
    assert [one["serName"] for one in found] == [NAME]
    with pytest.raises(ApiRefused, match="400"):
        await client.call("GET", f"{platform.url}{QUERY}&ser_instance_id=1")


async def test_the_controller_is_found_where_the_platform_says(
    box: Path, platform: PlatformProcess, broker: BrokerProcess, peer: Peer
) -> None:
    names(platform, broker.url)
    async with running(box) as gateway:
        await arrives(peer)
        assert gateway.uplink.locator.found == broker.url
        gateway.uplink.remark()  # lanes that are marked anew go to the same controller
        await until(lambda: gateway.uplink.connections == 8, "all lanes are connected again")
        assert gateway.uplink.locator.found == broker.url
    assert platform.asked[:2] == ["token", QUERY]


async def test_a_platform_that_names_a_stranger_gives_it_nothing_and_stops_nobody(
    box: Path,
    platform: PlatformProcess,
    broker: BrokerProcess,
    peer: Peer,
    stranger: Listener,
    caplog: pytest.LogCaptureFixture,
) -> None:
    names(platform, stranger.address)
    claims(box, broker.url)
    async with running(box) as gateway:
        await arrives(peer)
        assert gateway.uplink.locator.found == broker.url
    assert f"{stranger.address} is not the controller of this box" in caplog.text  # it was tried
    assert not stranger.heard
    await trusting_visit(stranger)
    assert stranger.heard  # whoever does not look at the certificate would have told it everything


async def trusting_visit(stranger: Listener) -> None:
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    host, port = stranger.address.removeprefix("mqtts://").split(":")
    _, writer = await asyncio.open_connection(host, port, ssl=tls)
    writer.write(b"hello")
    await until(lambda: stranger.heard, "it hears")
    writer.close()


async def test_a_connection_is_given_up_for_another_address_only_when_the_controller_is_there(
    box: Path,
    platform: PlatformProcess,
    broker: BrokerProcess,
    peer: Peer,
    stranger: Listener,
    other_way: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    claims(box, broker.url)
    async with running(box) as gateway:
        locator = gateway.uplink.locator
        await arrives(peer)
        connections = gateway.uplink.connections
        names(platform, stranger.address)
        refusal = f"{stranger.address} is not this gateway's controller"
        await until(lambda: caplog.text.count(refusal) > 1, "the stranger is asked for its certificate")
        assert (locator.found, gateway.uplink.connections) == (broker.url, connections)
        names(platform, other_way)
        await until(lambda: locator.found == other_way, "it moves to the edge")
        await arrives(peer)
        await until(lambda: gateway.uplink.connections == connections + 4, "each lane began anew, once")
    assert not stranger.heard
    assert not peer.missing()


async def test_a_platform_that_is_gone_is_missed_by_nobody(
    box: Path, platform: PlatformProcess, broker: BrokerProcess, peer: Peer
) -> None:
    names(platform, broker.url)
    async with running(box) as gateway:
        await arrives(peer)
        platform.kill()
        await arrives(peer)
        broker.kill()
        await until(lambda: gateway.uplink.locator.found is None, "the connection is lost")
        broker.start()
        await arrives(peer)  # at the last good address: the claim's leads nowhere
        assert gateway.uplink.locator.found == broker.url


@pytest.mark.parametrize("order", [{"refuse": 403}, {"services": [{"serName": NAME}]}, {"services": []}])
async def test_a_platform_that_says_no_or_nonsense_names_nobody(
    box: Path, platform: PlatformProcess, order: dict[str, object]
) -> None:
    platform.order(**order)
    config = load(box)
    edge = Edge(config.mec, SystemClock(), IdentityFolder(config.gateway.data / "identity"))
    assert await edge.addresses() == ()
    names(platform, "mqtts://192.0.2.7")
    platform.order(refuse=0, revoke=True)  # the token that was granted is good no more
    assert await edge.addresses() == ("mqtts://192.0.2.7:8883",)
