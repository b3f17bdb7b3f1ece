"""A way to a server on which the answer to a COMMIT can be lost: before it arrives there, or after."""

import socket
import threading
from contextlib import suppress

COMMIT = b"COMMIT\x00"
"""The end of PostgreSQL's simple query that commits (PostgreSQL 15, "Message Formats", Query)."""


class Way:
    """Passes on what comes at `port`, to another of this machine, until told otherwise."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.lose: str = ""
        """The next COMMIT: "before" or "after" it arrives; with "for good" nobody gets through later."""
        self.lost = 0
        self.was_lost = threading.Event()
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def open_again(self) -> None:
        """Whoever comes gets through."""
        self.lose, self._closed = "", False

    def close(self) -> None:
        """Nobody comes any more."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self._closed:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._server))
                threading.Thread(target=self._up, args=(client, server), daemon=True).start()
                threading.Thread(target=self._down, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.lose and data.endswith(COMMIT):
                    self._lose(client, server, data)
                    return
                server.sendall(data)
        _ended(client, server)

    def _lose(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        self._closed = "for good" in self.lose
        if "after" in self.lose:
            client.shutdown(socket.SHUT_WR)  # the answer goes nowhere
            server.sendall(data)
        self.lose, self.lost = "", self.lost + 1
        self.was_lost.set()
        _ended(client)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _ended(client, server)


def _ended(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
