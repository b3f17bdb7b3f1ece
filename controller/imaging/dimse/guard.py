"""What pynetdicom 3.0.4 leaves open, closed without changing it.

A header may say that a PDU has 4 GB, and pynetdicom collects it before any title is known (its issue 1086);
it waits for the rest of a PDU, and for a peer to read, for ever; a data set never need end, and a peer may
send the next message before the last was answered. With TLS it shakes hands in the thread that accepts: one
silent peer shuts everybody out; without it, some that stay silent use up the associations. Its temporary
files outlive a peer that leaves in the middle of one.

guard = Guard(message=5 << 30, pdu_s=30, clock=clock)
server = entity.start_server(address, ssl_context=LateHandshake(tls), evt_handlers=[*guard.handlers, …])
"""

import contextlib
import socket
import ssl
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom.config
from pynetdicom import _config, evt

from controller.clock import Clock

ANNOUNCED_PDU = 64 * 1024
"""Bytes of a PDU that we say we take; larger ones are not sent faster."""
LARGEST_PDU = 128 * 1024
"""Bytes. Association requests are some KB."""
WAITING_MESSAGES = 8
"""We negotiate no asynchronous operations: nobody has cause to send more before an answer."""
IN_MEMORY = 16 * 1024 * 1024
"""Bytes of a message that is not C-STORE's, whose data set goes to a file."""
STRANGERS = 10
"""Connections that have not said who they are."""


class LateHandshake:
    """Stands for an SSLContext: the handshake comes with the first read, in the connection's own thread."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        """May be replaced by one with newer certificates."""

    def wrap_socket(self, connection: socket.socket, *, server_side: bool) -> ssl.SSLSocket:
        """See ssl.SSLContext.wrap_socket."""
        return self.context.wrap_socket(connection, server_side=server_side, do_handshake_on_connect=False)


@dataclass(frozen=True, slots=True)
class Guard:
    """Bounds what one connection may make us hold or wait for."""

    message: int
    """Bytes of one C-STORE, over all its PDUs."""
    pdu_s: float
    """Seconds for a PDU to arrive, or for a peer to take what is sent to it."""
    clock: Clock

    @property
    def handlers(self) -> list[Any]:
        """For `evt_handlers`, of a server and of an association that we request."""
        return [
            (evt.EVT_CONN_OPEN, self._opened),
            (evt.EVT_DIMSE_RECV, self._received),
            (evt.EVT_CONN_CLOSE, self._closed),
        ]

    def _opened(self, event: evt.Event) -> None:
        connection: Any = event.assoc.dul.socket
        connection.socket.settimeout(self.pdu_s)
        connection.recv = _Reader(connection, self).read

    def _received(self, event: evt.Event) -> None:
        """A message is whole: the next one's bytes count from 0."""
        connection: Any = event.assoc.dul.socket
        reader = connection.recv.__self__
        reader.message = 0
        reader.flooded = event.assoc.dimse.msg_queue.qsize() >= WAITING_MESSAGES

    def _closed(self, event: evt.Event) -> None:
        """Take away what came of messages that nobody will handle, and let go of a stranger's thread, which
        would wait for a request until its time is over."""
        association: Any = event.assoc
        if association.is_acceptor and association.requestor.primitive is None:
            association.dul.to_user_queue.put(None)
        dimse = association.dimse
        unfinished = [] if dimse.message is None else [dimse.message._data_set_file]
        waiting = [message for _, message in list(dimse.msg_queue.queue)]
        for file in (*unfinished, *(getattr(message, "_dataset_file", None) for message in waiting)):
            if file is not None:
                file.close()
                Path(file.name).unlink(missing_ok=True)


class _Reader:
    """Reads for one connection, in place of pynetdicom's `AssociationSocket.recv`."""

    def __init__(self, connection: Any, guard: Guard) -> None:
        self._connection = connection
        self._guard = guard
        self.message = 0
        """Bytes of the present message so far."""
        self.flooded = False

    def read(self, count: int) -> bytearray:
        """`count` bytes, or fewer when the peer has left. Raises OSError, which ends the connection."""
        if count > LARGEST_PDU:
            raise OSError(f"expected a PDU of at most {LARGEST_PDU} bytes, got a header that says {count}")
        self.message += count
        if self.message > (most := self._most()):
            raise OSError(f"expected a message of at most {most} bytes, got more")
        if self.flooded:
            raise OSError(f"expected at most {WAITING_MESSAGES} messages before an answer, got more")
        clock = self._guard.clock
        until_us = clock.now_us() + self._guard.pdu_s * 1e6
        data = bytearray(count)
        view, at = memoryview(data), 0
        while at < count:
            taken = self._connection.socket.recv_into(view[at:])
            if not taken:
                break
            at += taken
            if at < count and clock.now_us() > until_us:
                raise TimeoutError(f"expected {count} bytes within {self._guard.pdu_s} s, got {at}")
        view.release()
        del data[at:]
        return data

    def _most(self) -> int:
        message = self._connection.assoc.dimse.message
        to_file = message is not None and message._data_set_file is not None
        return self._guard.message if to_file else IN_MEMORY


class Strangers:
    """Connections that have not yet said who they are. They must not keep those out who would say it.

    pynetdicom counts them as associations; here they are counted apart, and when there are more than
    STRANGERS the address that has most of them loses its oldest.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, Any]] = []

    def came(self, event: evt.Event) -> None:
        """Handler of EVT_CONN_OPEN of a server."""
        one: Any = event.assoc
        with self._lock:
            self._waiting = [(where, other) for where, other in self._waiting if _is_stranger(other)]
            self._waiting.append((one.requestor.address, one))
            if len(self._waiting) <= STRANGERS:
                return
            (most, _), *_ = Counter(where for where, _ in self._waiting).most_common(1)
            oldest = next(one for one in self._waiting if one[0] == most)
            self._waiting.remove(oldest)
        send_away(oldest[1])


def send_away(association: Any) -> None:
    """Close a connection on which nothing is negotiated yet."""
    connection = association.dul.socket.socket
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _is_stranger(association: Any) -> bool:
    return association.requestor.primitive is None and not association._kill


def quiet() -> None:
    """Identifiers are patients' names, and so is what pydicom finds fault with: neither belongs in a log."""
    _config.LOG_REQUEST_IDENTIFIERS = False
    _config.LOG_RESPONSE_IDENTIFIERS = False
    _config.LOG_HANDLER_LEVEL = "none"
    _config.STORE_RECV_CHUNKED_DATASET = True
    _config.STORE_SEND_CHUNKED_DATASET = True
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
