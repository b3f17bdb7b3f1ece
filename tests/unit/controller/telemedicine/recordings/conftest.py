"""A vault with one recording in it, as a page has sent it: two runs of some chunks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from controller.objects.folder import Folder
from controller.security.sealing import Sealing
from controller.telemedicine.recordings.film import Film
from controller.telemedicine.recordings.model import FIRST, Chunk, Recording
from controller.telemedicine.recordings.seal import Place, digest
from controller.telemedicine.recordings.states import RecordingState
from controller.telemedicine.recordings.vault import Vault
from controller.telemedicine.recordings.watching import Found, Opener, look
from tests.support.recordings import sealed
from tests.unit.controller.telemedicine.recordings.test_webm import CLUSTER, HEAD, KEY, SOUND, at

RUNS = (4, 2)
"""Chunks of each run."""
CHUNK_MS = 3000
STARTED_MS, LATE_MS = 700, 9000
"""So long after its run began a film does; so late the page had each chunk."""


@dataclass
class Kept:
    """It, and its key."""

    vault: Vault
    recording: Recording
    chunks: list[Chunk]
    plain: list[bytes]

    @property
    def folder(self) -> Path:
        assert isinstance(self.vault.objects, Folder)
        return self.vault.objects.folder

    @property
    def key(self) -> bytes:
        return self.vault.key(self.recording)

    @property
    def opener(self) -> Opener:
        return Opener(self.vault, self.recording, self.key)

    def put(self, *parts: bytes) -> None:
        """Another run of it."""
        run = self.chunks[-1].run + 1 if self.chunks else 1
        for k, data in enumerate(parts):
            before, n = self.chunks[-1].digest if self.chunks else FIRST, len(self.chunks) + 1
            from_ms, to_ms = STARTED_MS + k * CHUNK_MS + (LATE_MS if k else 0), (k + 1) * CHUNK_MS + LATE_MS
            place = Place(self.recording.number, n, run, from_ms, to_ms + STARTED_MS, before)
            box = sealed(self.key, place, data)
            self.vault.put(self.recording.number, n, box)
            self.chunks.append(Chunk(n, run, place.from_ms, place.to_ms, before, digest(box), len(box)))
            self.plain.append(data)

    def look(self) -> Found:
        return look(self.opener, self.chunks)

    def film(self, index: int) -> Film:
        return Film(self.opener, self.look(), index)

    def file(self, n: int) -> Path:
        return self.folder / self.recording.number / f"{n:06d}.box"

    def play(self, index: int) -> bytes:
        film = self.film(index)
        whole = b"".join(film.read(0, film.size))
        assert len(whole) == film.size
        return whole


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(Folder(tmp_path / "recordings"), Sealing(tmp_path / "keys" / "recordings.key"))


@pytest.fixture
def kept(vault: Vault) -> Kept:
    return make(vault)


@pytest.fixture
def another(vault: Vault) -> Callable[[], Kept]:
    return lambda: make(vault, "RC00000002")


def make(vault: Vault, number: str = "RC00000001") -> Kept:
    """Each chunk has a cluster in the middle, as in a browser's; the first of a run a head before.

    The page was so slow that it had all of it late."""
    fields = dict.fromkeys(("stopped_ms", "erase_ms", "erased_ms", "head"))
    told = {
        "key": vault.new_key(number),
        "media": "video/webm",
        "asked_ms": 0,
        "why": "",
        "chunks": sum(RUNS),
    }
    one = Recording(1, number, "TV00000001", "nina", RecordingState.KEPT, **told, **fields)
    kept = Kept(vault, one, [], [])
    for count in RUNS:
        heads = [HEAD, *[b"rest of a picture"] * (count - 1)]
        pictures = [f"picture {n} of {number}".encode() * 10 for n in range(count)]
        begins = [CLUSTER, *(at((k + 1) * CHUNK_MS + 500, SOUND, KEY) for k in range(count - 1))]
        kept.put(*(head + begins[k] + pictures[k] for k, head in enumerate(heads)))
    kept.recording = replace(one, head=kept.chunks[-1].digest)
    return kept
