"""What the controller tells the plug-ins' process: a file of JSON, its owner's alone."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class PluginSettings(BaseModel):
    """Of `python -m controller.imaging.plugins FILE`. Paths are absolute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    """Of its queue."""
    inside: Path
    """The imaging service's socket for our own processes."""
    database: str
    """The controller's, which is only read."""
    offset_us: int
    """Of the controller's time scale: see controller.clock.SystemClock."""
