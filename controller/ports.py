"""Finding a port to listen on."""

import errno
import logging
import secrets
import socket

from controller.errors import ControllerError

TRIED = 50
_QUIET = range(20_000, 30_000)
"""What the kernel gives to nobody by itself (ip_local_port_range begins at 32768): a port that was found free
there is still free when its server starts."""
log = logging.getLogger(__name__)


def free_port(host: str, port: int, purpose: str) -> int:
    """`port`, or the next free one; 0 is any. A busy port is named in the log. Raises ControllerError."""
    port = port or secrets.choice(_QUIET)
    for candidate in range(port, min(port + TRIED, 65536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise ControllerError(
                        f"{purpose}: cannot listen on {host}:{candidate}: {error}"
                    ) from error
                log.warning("%s: port %d of %s is busy, trying the next one", purpose, candidate, host)
                continue
            return probe.getsockname()[1]
    raise ControllerError(f"{purpose}: ports {port} to {port + TRIED - 1} of {host} are all busy")
