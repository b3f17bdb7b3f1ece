"""Where releases come from and go to."""

from pathlib import Path
from typing import NamedTuple


class Places(NamedTuple):
    """The lake, the folder of all releases, and the file of the key (disguise.master_key)."""

    lake: Path
    releases: Path
    key: Path
