"""Where the others reach a controller, and how one is believed to be one."""

import socket
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from controller.clock import SystemClock
from controller.config import Config, load
from controller.identity.files import FOLDER
from controller.identity.site import SiteIdentity
from controller.listening import listening
from controller.ports import free_port
from controller.shards.duty import Duty
from controller.shards.peers import Peers

NAMES = ("wardlink.example",)


def configured(folder: Path, more: str = "", host: str = "0.0.0.0") -> Config:
    folder.mkdir(exist_ok=True)
    (folder / "c.toml").write_text(
        f'[controller]\nnames = ["{NAMES[0]}"]\n[mqtt]\nurl = "mqtts://b.example:8883"\n'
        f'[http]\nhost = "{host}"\nport = 8080\n[cluster]\nreplicas = true\n{more}'
    )
    return load(folder / "c.toml")


@pytest.mark.parametrize(
    ("more", "host", "found"),
    [
        ("", "0.0.0.0", f"https://{socket.gethostname()}:8080"),
        ("", "10.1.2.3", "https://10.1.2.3:8080"),
        ('address = "https://c1.example:8443"\n', "0.0.0.0", "https://c1.example:8443"),
    ],
)
def test_it_is_reached_where_it_listens_unless_somebody_says_otherwise(
    tmp_path: Path, more: str, host: str, found: str
) -> None:
    peers = Peers(configured(tmp_path, more, host), Duty(is_shared=True))
    assert peers._reached(f"https://{host}:8080") == found


async def _nothing(_request: web.Request) -> web.StreamResponse:
    return web.Response()


async def asked(of: Peers, server: SiteIdentity) -> int:
    """Of what is served with the certificate of `server`."""
    app, port = web.Application(), free_port("127.0.0.1", 0, "a test")
    app.router.add_get("/", _nothing)
    async with (
        listening(web.AppRunner(app), "127.0.0.1", port, server.web),
        aiohttp.ClientSession() as session,
        session.get(f"https://127.0.0.1:{port}/", **of.trust()) as answer,
    ):
        return answer.status


async def test_a_certificate_of_our_authority_for_the_name_that_all_have_makes_a_controller(
    tmp_path: Path,
) -> None:
    peers = Peers(config := configured(tmp_path / "ours"), Duty(is_shared=True))
    ours = SiteIdentity(config.data / FOLDER, NAMES, SystemClock())
    assert await asked(peers, ours) == 200
    other = SiteIdentity(tmp_path / "another" / FOLDER, NAMES, SystemClock())
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await asked(peers, other)
    unnamed = SiteIdentity(config.data / FOLDER, ("elsewhere.example",), SystemClock())
    with pytest.raises((aiohttp.ClientConnectorCertificateError, ssl.SSLError)):
        await asked(peers, unnamed)
