"""`[lake]` of the configuration: where the Parquet files are, and when each night they are written."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from controller.sections import Section


class LakeSection(Section):
    """See docs/data-export.md."""

    folder: Annotated[Path | None, Field(strict=False)] = None
    """None: `lake` in the folder of data."""
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "02:30"
    """Of this machine's clock."""
