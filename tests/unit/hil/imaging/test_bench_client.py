"""The bench's client reads whatever a server of HTTP/1.1 may answer, and says what it did not expect."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from hil.bench.imaging.client import Connection
from hil.errors import NotReady

LENGTH = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n"
UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


@contextmanager
def server(answers: Sequence[Sequence[bytes]], heard: list[bytes]) -> Iterator[int]:
    """One connection for each list of answers, closed after the last; yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for connection_answers in answers:
            connection, _ = listener.accept()
            with connection:
                for answer in connection_answers:
                    heard.append(connection.recv(65_536))
                    connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(5)
        listener.close()


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED, UNTIL_CLOSED], ids=["length", "chunked", "until closed"])
def test_a_body_is_read_to_its_end(answer: bytes) -> None:
    heard: list[bytes] = []
    with server([[answer]], heard) as port, Connection(port, {"Authorization": "Bearer x"}) as connection:
        assert connection.ask("GET", "/a", {"Accept": "b"}) == b"hello"
    assert heard[0].startswith(b"GET /a HTTP/1.1\r\n")
    assert b"Authorization: Bearer x\r\nAccept: b\r\n" in heard[0]


def test_one_connection_carries_many_requests() -> None:
    with server([[LENGTH, CHUNKED, LENGTH]], []) as port, Connection(port, {}) as connection:
        assert [connection.ask("GET", "/", {}) for _ in range(3)] == [b"hello"] * 3


def test_a_body_that_is_not_kept_is_counted() -> None:
    longer = LENGTH.replace(b"5", b"9") + b", me"
    with server([[longer, CHUNKED, LENGTH, EMPTY]], []) as port, Connection(port, {}) as connection:
        assert [connection.size("GET", "/", {}) for _ in range(4)] == [9, 5, 5, 0]


def test_nothing_is_an_answer() -> None:
    with server([[EMPTY, LENGTH]], []) as port, Connection(port, {}) as connection:
        assert [connection.ask("GET", "/", {}) for _ in range(2)] == [b"", b"hello"]


def test_a_connection_that_was_closed_while_idle_is_opened_again() -> None:
    with server([[LENGTH], [CHUNKED]], []) as port, Connection(port, {}) as connection:
        assert [connection.ask("GET", "/", {}) for _ in range(2)] == [b"hello"] * 2


def test_any_other_status_is_an_error_with_its_words() -> None:
    refused = b"HTTP/1.1 409 Conflict\r\nContent-Length: 3\r\n\r\nwhy"
    with server([[refused]], []) as port, Connection(port, {}) as connection, pytest.raises(NotReady) as told:
        connection.ask("POST", "/x", {}, b"body")
    assert "409" in str(told.value)
    assert "why" in str(told.value)


def test_a_body_has_its_length() -> None:
    heard: list[bytes] = []
    with server([[LENGTH]], heard) as port, Connection(port, {}) as connection:
        connection.ask("POST", "/x", {}, b"")
    assert b"Content-Length: 0\r\n" in heard[0]
