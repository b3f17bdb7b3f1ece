"""What stands between us and an S3 endpoint, and spoils what goes by: once for each word in `todo`.

with Spoiler.before(server.port) as spoiler:
    spoiler.todo.append("garble")           # of the next PUT with a body
    …
    assert spoiler.done == ["garble"]
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

Fault = Literal["garble", "cut-short", "hang-up", "fail", "wait", "fail-get", "cut-get", "garble-get"]
"""`garble`, `cut-short`: what arrives is another, or half, and is answered as if it were right; `hang-up`: in
the middle of the body; `fail`: 500; `wait`: until `go`; `…-get`: of the next GET."""
_HOPS = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Spoiler(ThreadingHTTPServer):
    """Listens at `port`."""

    daemon_threads = True

    def __init__(self, behind: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = self.server_address[1]
        self.behind = behind
        self.todo: list[Fault] = []
        self.done: list[Fault] = []
        self.waits, self.go = threading.Event(), threading.Event()
        self.etag = ""
        """What is said instead of every ETag; "": what is so."""

    @classmethod
    @contextmanager
    def before(cls, port: int) -> Iterator[Self]:
        with cls(port) as server:
            thread = threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
            )
            thread.start()
            try:
                yield server
            finally:
                server.go.set()
                server.shutdown()
                thread.join()

    def next(self, method: str, *, has_body: bool) -> Fault | None:
        """The fault for this request, if there is one."""
        if not self.todo or (method == "GET") != self.todo[0].endswith("-get"):
            return None
        if method != "GET" and not (method == "PUT" and has_body):
            return None
        fault = self.todo.pop(0)
        self.done.append(fault)
        return fault

    def will(self, fault: Fault, times: int) -> None:
        """As often."""
        for _ in range(times):
            self.todo.append(fault)

    def when_waiting(self, work: Callable[[], object]) -> threading.Thread:
        """Does `work` when a request waits, and lets it go on."""

        def at_once() -> None:
            assert self.waits.wait(60)
            work()
            self.go.set()

        thread = threading.Thread(target=at_once, daemon=True)
        thread.start()
        return thread

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hung up did so."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Spoiler  # pyright: ignore[reportIncompatibleVariableOverride] - no other makes one

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        fault = self.server.next(self.command, has_body=length > 0)
        if fault == "hang-up":
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if fault == "wait":
            self.server.waits.set()
            assert self.server.go.wait(60)
        if fault in ("fail", "fail-get"):
            self._answer(500, {}, b"<Error><Code>InternalError</Code></Error>")
            return
        if fault == "garble":
            body = bytes([body[0] ^ 1]) + body[1:]
        if fault == "cut-short":
            body = body[: len(body) // 2]
        self._answer(*self._asked(body), fault=fault)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - as the library calls them

    def _asked(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        heads = {k: v for k, v in self.headers.items() if k.lower() not in _HOPS}
        connection = HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
        connection.request(self.command, self.path, body, {**heads, "Content-Length": str(len(body))})
        answer = connection.getresponse()
        found = answer.status, dict(answer.getheaders()), answer.read()
        connection.close()
        return found

    def _answer(self, status: int, heads: dict[str, str], body: bytes, fault: Fault | None = None) -> None:
        length = heads.get("Content-Length", heads.get("content-length")) if self.command == "HEAD" else None
        if fault == "garble-get" and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(status)
        for name, value in heads.items():
            if name.lower() not in _HOPS | {"date", "server"}:
                self.send_header(name, self.server.etag or value if name.lower() == "etag" else value)
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if fault == "cut-get" else body)
        if fault == "cut-get":
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""
