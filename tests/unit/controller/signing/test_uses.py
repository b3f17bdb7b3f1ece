"""A person's certificate is good for documents alone; the list of ended keys comes from the command line."""

import asyncio
import ssl
from pathlib import Path

import pytest
from typer.testing import CliRunner

from controller.cli import app
from controller.config import load
from controller.errors import ConfigError
from controller.identity.authority import Use, begun, named, new_key, signed_leaf
from controller.identity.certificates import moment
from controller.identity.files import held_authority
from controller.identity.pems import key_pem, pem
from controller.signing.model import Reason, Unlock
from controller.signing.revoked import read_revoked
from tests.unit.controller.signing.conftest import BY, START_S, Site


def connected(folder: Path, root: Path, client: Path) -> None:
    """TLS in memory, to a server that wants a client's certificate of `root`. Raises ssl.SSLError."""
    asks = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    asks.load_cert_chain(folder / "server.pem")
    asks.load_verify_locations(root)
    asks.verify_mode = ssl.CERT_REQUIRED
    comes = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    comes.check_hostname, comes.verify_mode = False, ssl.CERT_NONE
    comes.load_cert_chain(client)
    there, here = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = asks.wrap_bio(there, here, server_side=True)
    caller = comes.wrap_bio(here, there)
    for one in (caller, server, caller, server):
        try:
            one.do_handshake()
        except ssl.SSLWantReadError:
            continue


async def test_a_persons_certificate_lets_nobody_in_as_a_gateway(site: Site, tmp_path: Path) -> None:
    """The same key with a client's certificate is let in: it is for its use that the person's is refused."""
    held, root, key = held_authority(site.ca, moment(START_S)).held, tmp_path / "root.pem", site.anna.key
    root.write_text(pem(site.root))
    span, server = (moment(START_S), moment(START_S + 10**8) - moment(START_S)), new_key()
    of_server = signed_leaf(held, begun(named(), 5, server.public_key()), span, Use.SERVER)
    as_client = signed_leaf(held, begun(named("anna"), 6, key.public_key()), span, Use.CLIENT)
    (tmp_path / "server.pem").write_text(key_pem(server) + pem(of_server, held.issuing))
    client = tmp_path / "client.pem"
    client.write_text(key_pem(key) + pem(as_client, held.issuing))
    connected(tmp_path, root, client)
    client.write_text(key_pem(key) + pem(site.keys[0].certificate, held.issuing))
    with pytest.raises(ssl.SSLError, match="certificate purpose"):
        connected(tmp_path, root, client)


async def test_the_command_writes_the_list_that_checks_elsewhere_use(site: Site, tmp_path: Path) -> None:
    await site.signatures.keys.revoke("anna", site.keys[0].serial, Reason.LOST, BY)
    config, out = tmp_path / "controller.toml", tmp_path / "revoked.json"
    config.write_text('[controller]\ndata = "."\n')
    command = ["signing", "revoked", "--config", str(config), "--out", str(out)]
    said = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert said.exit_code == 0, said.output
    assert read_revoked(out.read_bytes(), [site.root]).keys[site.keys[0].serial].reason == "lost"


def test_the_configuration_says_how_keys_are_unlocked(tmp_path: Path) -> None:
    path = tmp_path / "controller.toml"
    path.write_text("")
    assert load(path).signing.unlock == {Unlock.PASSKEY}
    path.write_text('[signing]\nunlock = ["passkey", "passphrase"]\n')
    assert load(path).signing.unlock == set(Unlock)
    for wrong in ('["pin"]', "[]"):
        path.write_text(f"[signing]\nunlock = {wrong}\n")
        with pytest.raises(ConfigError, match=r"signing\.unlock"):
            load(path)
