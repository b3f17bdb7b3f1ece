"""What an archive may keep, and how."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from controller.objects.settings import Access

GIB: Final = 1 << 30


class ArchiveSettings(BaseModel):
    """Sizes are bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quota: int | None = Field(default=None, gt=0)
    """Of all files; None: what the disk has, but for the reserve."""
    reserve: int = Field(default=GIB, ge=0)
    """Of the disk, left free: an archive that is full must still be able to write its index."""
    largest: int = Field(default=8 * GIB, gt=0)
    """Of one instance."""
    quarantine: int = Field(default=8 * GIB, gt=0)
    """Of all that was not let in and waits for a person; what comes then is refused."""
    objects: Access | None = None
    """Where files are; None: in the archive's folder."""
    slow_folder: Path | None = None
    """A slow place beside the archive's folder, for what is old (moving.py); not with `objects`."""
    slow_after_days: int | None = Field(default=None, gt=0)
    """Days after which a study that nobody changed or looked at moves there; None: nothing moves."""
    known_only: bool = False
    """Whether studies of patients whom the hospital does not know are held, too."""
    scrub_rate: int = Field(default=4 << 20, ge=0)
    """Bytes a second that are read to check checksums; 0: none."""
    retention_days: Mapping[str, Annotated[int, Field(gt=0)]] = Field(default_factory=dict[str, int])
    """By modality, or "*" for the others: days that a study is kept after its last change. Others stay."""
