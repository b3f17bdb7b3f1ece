"""The demo's rooms: a relay of its own where coturn is there, and `[telemedicine]` of its controller.

rooms = DemoRooms(folder, port)
rooms.command       # of the relay; None: coturn is not installed
rooms.section       # TOML
rooms.reduced       # what the demo's rooms cannot do, and what to do about it

The relay listens on loopback, and relays to it: for browsers on this machine. A hospital runs its own
(docs/rooms.md).
"""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from controller.files import write_private
from controller.telemedicine.media import config
from hil.ward import Folder

_RELAY = """listening-ip=127.0.0.1
relay-ip=127.0.0.1
listening-port={port}
realm=wardlink-demo
use-auth-secret
static-auth-secret={secret}
fingerprint
stale-nonce=600
user-quota=12
total-quota=200
no-tls
no-dtls
no-cli
no-tcp-relay
no-multicast-peers
no-rfc5780
allow-loopback-peers
relay-threads=1
simple-log
log-file=stdout
pidfile={folder}/turn.pid
userdb={folder}/turndb
"""


@dataclass(frozen=True, slots=True)
class DemoRooms:
    """Its files are in `folder`; the relay listens at `port`."""

    folder: Folder
    port: int

    @property
    def section(self) -> str:
        """`[telemedicine]`."""
        relay = f'turn = ["turn:127.0.0.1:{self.port}"]\nsecret_file = "{self._root / "secret"}"\n'
        return "[telemedicine]\n" + (relay if self.command else "")

    @property
    def command(self) -> list[str] | None:
        """Of the relay."""
        program = shutil.which("turnserver")
        return [program, "-c", str(self._root / "turnserver.conf")] if program else None

    @property
    def reduced(self) -> list[str]:
        """A line for each."""
        without = []
        if config.find() is None:
            without.append(f"rooms of 4 at most: {config.PACKAGE}")
        if self.command is None:
            without.append("no relay between networks: apt-get install --no-install-recommends coturn")
        return without

    def write(self) -> None:
        """The relay's configuration, and the secret that both know."""
        secret = secrets.token_urlsafe(24)
        write_private(self._root / "secret", secret + "\n")
        text = _RELAY.format(port=self.port, secret=secret, folder=self._root)
        write_private(self._root / "turnserver.conf", text)

    @property
    def _root(self) -> Path:
        return self.folder.root / "rooms"
