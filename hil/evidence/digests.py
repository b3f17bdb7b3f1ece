"""Which software ran, as SHA-256."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def of_file(path: Path) -> str:
    """Of one file, such as a firmware image: what sha256sum prints."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
