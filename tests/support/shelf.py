"""A web server over TLS that serves a folder, and lies about single files as a test wants it.

with Shelf(folder) as shelf:
    shelf.lies["/metadata/timestamp.json"] = endless
    fetch(shelf.address, shelf.tls(), …)
    shelf.heard                # (path, Range) of each request
"""

import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from controller.identity.files import keep_server, open_authority
from gateway.enrolment import tls
from tests.support.est import now

Lie = Callable[[bytes], Iterator[bytes]]
"""From what is true to what is sent."""
Heard = list[tuple[str, str]]


def endless(_: bytes) -> Iterator[bytes]:
    """Never stops."""
    while True:
        yield b" " * 65_536


def instead(other: bytes) -> Lie:
    """Something else."""
    return lambda _: iter((other,))


@dataclass(frozen=True)
class BrokenOff:
    """Ends too early, as when the network goes: what was announced is longer."""

    length: int

    def __call__(self, true: bytes) -> Iterator[bytes]:
        return iter((true[: self.length],))


class Shelf:
    """Serves `folder` at `address`. `sent` counts bytes of each path."""

    def __init__(self, folder: Path, ca: Path) -> None:
        self.folder = folder
        self.lies: dict[str, Lie] = {}
        self.heard: Heard = []
        self.sent: dict[str, int] = {}
        self._authority = open_authority(ca, now())
        keep_server(ca, self._authority, ("127.0.0.1",), now(), timedelta(days=1))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(ca / "server.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"https://127.0.0.1:{self._server.server_port}"

    def tls(self) -> ssl.SSLContext:
        """Of a client that trusts this server."""
        return tls.pinned(self._authority.root)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, shelf: Shelf, *how: object) -> None:
        self._shelf = shelf
        super().__init__(*how)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        asked = self.headers.get("Range", "")
        self._shelf.heard.append((self.path, asked))
        path = self._shelf.folder / self.path.lstrip("/")
        lie = self._shelf.lies.get(self.path)
        if lie is None and not path.is_file():
            self.send_error(404)
            return
        begun = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        true = path.read_bytes()[begun:] if path.is_file() else b""
        self.send_response(206 if begun else 200)
        self.send_header("Connection", "close")
        if lie is None or isinstance(lie, BrokenOff):
            self.send_header("Content-Length", str(len(true)))
        self.end_headers()
        self._send(lie(true) if lie else iter((true,)))

    def _send(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            try:
                self.wfile.write(piece)
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                return  # the client has heard enough
            self._shelf.sent[self.path] = self._shelf.sent.get(self.path, 0) + len(piece)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
