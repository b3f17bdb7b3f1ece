"""An HTTP/1.1 client on a bare socket, so that what is measured is the server.

with Connection(port, {"Authorization": "Bearer …"}) as connection:
    body = connection.ask("GET", "/dicom-web/studies", {"Accept": "application/dicom+json"})
"""

import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from hil.errors import NotReady

_TIMEOUT_S = 300.0
_AT_ONCE = 1 << 20
Content = bytes | bytearray | memoryview


class Connection:
    """One connection to 127.0.0.1, kept open, opened again when the server has closed it."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._port = port
        self._always = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._socket: socket.socket | None = None
        self._buffer = bytearray()
        self._body = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def open(self) -> None:
        """A fresh connection. Raises OSError."""
        self.close()
        self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer.clear()

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
        """The body of a good answer; of a search without a find it is empty. Raises NotReady, OSError."""
        return bytes(self._good(method, path, headers, body))

    def size(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> int:
        """The length of a body that is not kept: copies of it would take longer than a server does."""
        return len(self._good(method, path, headers, body))

    def _good(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Content:
        status, content = self._answer(method, path, headers, body)
        if status not in (200, 204, 206):
            raise NotReady(f"{method} {path}: {status} {bytes(content[:300])!r}")
        return content

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, bytes]:
        """Status and body of whatever is answered. Raises OSError."""
        status, content = self._answer(method, path, headers, body)
        return status, bytes(content)

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Content]:
        told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost:{self._port}\r\n{self._always}{told}{length}\r\n"
        try:
            return self._exchange(head.encode("ascii"), body)
        except ConnectionError:  # closed while idle: Orthanc does so after a second
            self.close()
            return self._exchange(head.encode("ascii"), body)

    def _exchange(self, head: bytes, body: bytes) -> tuple[int, Content]:
        if self._socket is None:
            self.open()
        assert self._socket is not None
        self._socket.sendall(head)
        if body:
            self._socket.sendall(body)
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._more()
        first, *lines = bytes(self._buffer[:end]).decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split(" ", 2)[1])
        content = self._content(status, fields)
        if fields.get("connection", "").lower() == "close":
            self.close()
        return status, content

    def _content(self, status: int, fields: Mapping[str, str]) -> Content:
        if status == 204:
            return b""
        if (length := fields.get("content-length")) is not None:
            return self._exactly(int(length))
        if fields.get("transfer-encoding", "").lower() == "chunked":
            return self._chunked()
        return self._rest()

    def _more(self) -> None:
        assert self._socket is not None
        got = self._socket.recv(_AT_ONCE)
        if not got:
            raise ConnectionResetError("the server closed the connection")
        self._buffer += got

    def _exactly(self, length: int) -> memoryview:
        """Valid until the next one."""
        assert self._socket is not None
        if len(self._body) < length:
            self._body = bytearray(length)
        view = memoryview(self._body)[:length]
        have = min(length, len(self._buffer))
        view[:have] = self._buffer[:have]
        del self._buffer[:have]
        while have < length:
            got = self._socket.recv_into(view[have:])
            if not got:
                raise ConnectionResetError("the server closed the connection")
            have += got
        return view

    def _chunked(self) -> Content:
        content = bytearray()
        while True:
            while (end := self._buffer.find(b"\r\n")) < 0:
                self._more()
            length = int(self._buffer[:end].split(b";")[0], 16)
            del self._buffer[: end + 2]
            content += self._exactly(length)
            self._exactly(2)
            if not length:
                return content

    def _rest(self) -> bytes:
        try:
            while True:
                self._more()
        except ConnectionResetError:
            content = bytes(self._buffer)
        self.close()
        return content
