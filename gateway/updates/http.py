"""Fetches from the controller's mirror of releases, shown the box's own identity; goes on where it broke off.

What comes is believed by nobody until the caller, python-tuf, has checked it; how long it may be is the
caller's, too.
"""

import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tuf.api.exceptions import DownloadError, DownloadHTTPError
from tuf.ngclient import FetcherInterface

TIMEOUT_S = 30.0
"""Of silence, from the connection to the last byte."""
_PIECE = 1 << 16


class Mirror(FetcherInterface):
    """At https addresses whose server `context` judges. What is over `parts` long is kept there meanwhile."""

    def __init__(self, context: ssl.SSLContext, parts: Path) -> None:
        self._context, self._parts = context, parts

    def forget(self) -> None:
        """Drop what was kept of broken downloads."""
        for path in self._parts.glob("*.part"):
            path.unlink()

    def _fetch(self, url: str) -> Iterator[bytes]:
        """The content, piece by piece. Raises DownloadError."""
        name = urlsplit(url).path.rpartition("/")[2]
        if not name.endswith(".zip"):
            return self._pieces(url, 0)
        return self._resumed(url, self._parts / f"{name}.part")

    def _resumed(self, url: str, part: Path) -> Iterator[bytes]:
        begun = part.stat().st_size if part.exists() else 0
        if begun:
            with part.open("rb") as held:
                while piece := held.read(_PIECE):
                    yield piece
        with part.open("ab") as kept:
            for piece in self._pieces(url, begun):
                kept.write(piece)
                yield piece

    def _pieces(self, url: str, begun: int) -> Iterator[bytes]:
        where = urlsplit(url)
        connection = http.client.HTTPSConnection(
            where.hostname or "", where.port, timeout=TIMEOUT_S, context=self._context
        )
        try:
            connection.request("GET", where.path, headers={"Range": f"bytes={begun}-"} if begun else {})
            answer = connection.getresponse()
            if answer.status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # all of it was there already
            if answer.status != (http.HTTPStatus.PARTIAL_CONTENT if begun else http.HTTPStatus.OK):
                raise DownloadHTTPError(f"{url}: {answer.status} {answer.reason}", answer.status)
            while piece := answer.read(_PIECE):
                yield piece
            if answer.length:  # read(n) takes an end that comes too early for the end
                raise DownloadError(f"{url}: it was broken off, {answer.length} bytes are missing")
        except (OSError, http.client.HTTPException) as error:
            raise DownloadError(f"{url}: {error!r}") from error
        finally:
            connection.close()
