"""The MQTT library's client, which with TLS reads one packet a turn of the event loop, as it does without.

As it comes it reads on for as long as decrypted bytes wait in the socket, which under load is always: nothing
else gets a turn meanwhile, and its queue, which has no limit, grows. Measured: 1,900 messages in it; so, 15.
"""

import ssl
from typing import Any

import aiomqtt


class FairClient(aiomqtt.Client):
    """See the module. It takes over the reader that the library sets up for its socket."""

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        super()._on_socket_open(client, userdata, sock)
        if isinstance(sock, ssl.SSLSocket):
            self._loop.call_soon_threadsafe(self._read_fairly, client, sock)

    def _read_fairly(self, client: Any, sock: ssl.SSLSocket) -> None:
        again = False  # a turn is due although the kernel has nothing new

        def read() -> None:
            nonlocal again
            again = False
            try:
                client.loop_read()
            except OSError as error:  # the connection broke
                if not self._disconnected.done():
                    self._disconnected.set_exception(error)
                return
            if client.socket() is sock and sock.pending() > 0:
                again = True
                self._loop.call_soon(read)

        def ready() -> None:
            if not again:
                read()

        if client.socket() is sock:
            self._loop.add_reader(sock.fileno(), ready)
            read()  # what came with the handshake
