"""Which files the lake has: `manifest.json`, replaced whole, is the one moment at which a generation begins.

    manifest = read(folder)                # None: there is no lake yet
    write(folder, manifest)                # fsynced, then renamed

A file that the manifest does not name is none of the lake's: what was cut off leaves no trace.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from controller.errors import LakeError
from controller.files import write_private
from controller.lake.tables import SCHEMA

NAME = "manifest.json"


@dataclass(frozen=True, slots=True, order=True)
class File:
    """A file of Parquet; `path` is relative to the lake, `day` "" for a whole table."""

    path: str
    table: str
    day: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation of the lake. `marks`: by table, the last id that is in it; `before`: rows that the store
    had dropped for their age before the lake began."""

    generation: int
    written: str
    """UTC, ISO 8601."""
    marks: Mapping[str, int]
    before: Mapping[str, int]
    files: tuple[File, ...]

    def of(self, table: str, day: str = "") -> tuple[File, ...]:
        """Its files, of one day if it has one."""
        return tuple(one for one in self.files if one.table == table and one.day == day)


def read(folder: Path) -> Manifest | None:
    """The lake's. Raises LakeError: it cannot be read, or is of a newer schema."""
    path = folder / NAME
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.pop("schema") != SCHEMA:
            raise LakeError(f"{path}: expected schema {SCHEMA}: use the software that wrote it")
        files = tuple(File(**one) for one in told.pop("files"))
        return Manifest(**told, files=files)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LakeError(
            f"{path}: cannot be read ({error}): move the lake away, it is written anew"
        ) from error


def write(folder: Path, manifest: Manifest) -> None:
    """Replace it."""
    told = {"schema": SCHEMA, **asdict(manifest), "files": [asdict(one) for one in sorted(manifest.files)]}
    write_private(folder / NAME, json.dumps(told, indent=1) + "\n")


def paths(folder: Path, files: Iterable[File]) -> list[str]:
    """As DuckDB and pyarrow take them."""
    return [str(folder / one.path) for one in files]
