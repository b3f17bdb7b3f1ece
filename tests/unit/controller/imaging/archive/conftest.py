"""An archive in a folder of the test, with a clock that the test sets."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from controller.imaging.archive.archive import Archive, ArchiveSettings, Stored, Verdict
from controller.imaging.sight import WHOLE
from controller.objects.owner import KEY

MIB = 1 << 20


@dataclass(slots=True)
class Clock:
    """Stands still until a test moves it."""

    at_us: int = 2_000_000_000_000_000

    def now_us(self) -> int:
        return self.at_us

    def utc_us(self) -> int:
        return self.at_us


class Shelf:
    """An archive and short ways to ask it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.archive: Archive

    async def open(self, **settings: Any) -> Archive:
        self.archive = await Archive.open(self.folder, self.clock, ArchiveSettings(reserve=0, **settings))
        return self.archive

    async def store(self, *contents: bytes, by: str = "ae:CT1", **how: Any) -> list[Verdict]:
        """All in one batch."""
        async with self.archive.begin(by) as batch:
            for content in contents:
                incoming = batch.part()
                for at in range(0, len(content), MIB):
                    incoming.write(content[at : at + MIB])
                await batch.take(incoming, **how)
            return await batch.commit()

    async def outcomes(self, *contents: bytes, **how: Any) -> list[str]:
        return [verdict.outcome.value for verdict in await self.store(*contents, **how)]

    async def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.archive.store.read(query, parameters)]

    async def all(self) -> list[Stored]:
        """Every instance."""
        studies = await self.rows("SELECT uid FROM study ORDER BY id")
        return [one for (study,) in studies for one in await self.archive.find(WHOLE, study)]

    def files(self) -> set[str]:
        """Names of all files on the disk that hold what was sent."""
        paths = (path for name in ("files", "incoming") for path in (self.folder / name).rglob("*"))
        return {path.name for path in paths if path.is_file()} - {KEY}


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    shelf = Shelf(tmp_path / "images")
    await shelf.open()
    yield shelf
    await shelf.archive.close()


@pytest.fixture
def folder_of(shelf: Shelf) -> Callable[[bytes], Path]:
    """Where the file of a hash is."""
    return lambda sha256: shelf.folder / "files" / sha256.hex()[:2] / sha256.hex()
