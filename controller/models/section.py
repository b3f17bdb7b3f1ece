"""`[models]` of the configuration: the model that is scored beside NEWS2; without it there is none."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from controller.sections import Section

CHECK_DAYS = 28


class ModelsSection(Section):
    """See docs/models.md."""

    file: Annotated[Path, Field(strict=False)]
    """What `wardlink model train` wrote: model.json, relative to the configuration."""
    events: Annotated[Path | None, Field(strict=False)] = None
    """A file of `patient,utc,kind` that the hospital keeps: for the calibration in the nightly check."""
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "04:00"
    """When, by this machine's clock, it is checked for drift over the lake."""
    check_days: Annotated[int, Field(ge=1, le=366)] = CHECK_DAYS
    """So many days back."""

    def based(self, folder: Path) -> "ModelsSection":
        """With paths from `folder` on."""
        own = {"file": folder / self.file, "events": self.events and folder / self.events}
        return self.model_copy(update=own)
