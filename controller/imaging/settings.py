"""What the controller tells the processes of the imaging service: a file of JSON, its owner's alone."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from controller.imaging.archive.settings import ArchiveSettings


class ServiceSettings(BaseModel):
    """Of `python -m controller.imaging FILE`. Paths are absolute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    """Of files and index."""
    host: str
    port: int
    inside: Path
    """The socket on which our own processes ask it."""
    desk: Path
    """The controller's socket, on which it asks."""
    pages: str
    """Where the controller's pages are: an origin, or ":8080" for another port of the host that is asked."""
    names: tuple[str, ...] = ()
    """By which browsers may ask for it, beside localhost and addresses."""
    certificate: Path | None = None
    """With its key, in PEM; None: no TLS, on loopback only."""
    viewer: Path | None = None
    """The folder in which the viewer was prepared (viewer/install.py)."""
    archive: ArchiveSettings = ArchiveSettings()
    offset_us: int
    """Of the controller's time scale: see controller.clock.SystemClock."""
