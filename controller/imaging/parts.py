"""What every handler of the imaging service works with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from controller.clock import Clock
from controller.imaging.archive.archive import Archive
from controller.imaging.decode.decoder import Decoder
from controller.imaging.sight import Sight
from controller.security.gate import ACCESS, Access


class ImagingAccess(Access, Protocol):
    """Who asks, and whose images this request may see."""

    @property
    def sight(self) -> Sight:
        """Whose images."""
        ...


class Trail(Protocol):
    """The controller's audit trail, wherever it is."""

    async def saw(self, request: web.Request, patients: Iterable[str], entity: str, action: str) -> None:
        """See `saw`."""
        ...

    async def refused(
        self, request: web.Request, code: str, entity: str = "", patients: Iterable[str] = ()
    ) -> None:
        """See `refused`."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the imaging service."""

    archive: Archive
    decoder: Decoder
    trail: Trail
    clock: Clock


PARTS = web.AppKey("imaging", Parts)


def parts(request: web.Request) -> Parts:
    """The application's parts."""
    return request.app[PARTS]


def sight(request: web.Request) -> Sight:
    """Whose images the one who asks may see."""
    return _access(request).sight


def actor(request: web.Request) -> str:
    """Who asks, as the archive keeps it: "anna", "token:pacs", "ae:CT1"."""
    return _access(request).user.name


async def saw(request: web.Request, patients: Iterable[str], entity: str, action: str = "") -> None:
    """Record in the audit trail that who asks is shown `patients`; returns when that is on the disk.

    To be called before anything of a patient is sent; `entity` is "study/1.2.3". Of one patient and entity
    it is recorded once a minute. `action`: of what changes something; without, the name of the route.
    Raises StoreError: then nothing may be sent.
    """
    await parts(request).trail.saw(request, patients, entity, action)


async def refused(request: web.Request, code: str, entity: str, patients: Iterable[str]) -> None:
    """Record in the audit trail that something of `patients` was refused. Raises StoreError."""
    await parts(request).trail.refused(request, code, entity, patients)


def _access(request: web.Request) -> ImagingAccess:
    return request[ACCESS]  # pyright: ignore[reportReturnType] — the gate's, which `find` of this service made
