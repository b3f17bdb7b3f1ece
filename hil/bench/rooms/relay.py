"""coturn on loopback, behind a way for UDP that can be made narrow; and the controller's part of it.

async with relay(folder) as (link, section):
    ...                              # `section` in the controller's configuration: browsers find the link
    link.conditions = Conditions(rate_bps=120e3)
"""

import secrets
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from controller.files import write_private
from controller.ports import free_port
from hil.errors import NotReady
from hil.faults.narrow_udp import NarrowUdp, narrow_udp
from hil.processes import Kept
from hil.until import until

_BINDING = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
"""A question that any such server answers (RFC 8489)."""
_LINES = """listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port={port}
realm=bench
use-auth-secret
static-auth-secret={secret}
fingerprint
no-tls
no-dtls
no-cli
no-tcp-relay
no-multicast-peers
allow-loopback-peers
simple-log
log-file=stdout
pidfile={folder}/turn.pid
userdb={folder}/turndb
"""


@asynccontextmanager
async def relay(folder: Path, seed: int = 1) -> AsyncIterator[tuple[NarrowUdp, str]]:
    """Running inside the block. Raises NotReady: there is no coturn, or it does not answer."""
    program = shutil.which("turnserver")
    if program is None:
        raise NotReady("expected coturn: apt-get install --no-install-recommends coturn")
    secret, port = secrets.token_urlsafe(24), free_port("127.0.0.1", 0, "the relay")
    where = {"secret": secret, "port": port, "folder": folder}
    write_private(folder / "turnserver.conf", _LINES.format(**where))
    write_private(folder / "turn-secret", secret)

    def died(who: str, status: int, lines: list[str]) -> None:
        raise NotReady(f"{who} ended with {status}: {lines}")

    argv = [program, "-c", str(folder / "turnserver.conf")]
    coturn = Kept("coturn", argv, log=folder / "coturn.log", died=died, cwd=folder)
    await coturn.start()
    try:
        await until("coturn answers", lambda: _answers(port))
        async with narrow_udp(port, seed) as link:
            urls = f'turn = ["turn:127.0.0.1:{link.port}?transport=udp"]'
            yield link, f'[telemedicine]\n{urls}\nsecret_file = "{folder}/turn-secret"\n'
    finally:
        await coturn.stop()


def _answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.settimeout(0.2)
        try:
            asked.sendto(_BINDING, ("127.0.0.1", port))
            return bool(asked.recv(2048))
        except OSError:
            return False
