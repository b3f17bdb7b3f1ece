"""Images: damaged and hostile files for the archive, by STOW-RS, over HTTP, and what can be seen of them.

A round sends FILES of them: shapes of known holes, and good files with bytes turned over, cut out, doubled,
cut off. Each is taken or refused, never an error of the service's own; what was taken is to be drawn, too.
Then a good image goes in, comes out the same, and is drawn; and the service is the same process still.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import psutil

from controller.imaging.dicom.part10 import read_instance
from hil.bench.imaging.client import Connection
from hil.bench.imaging.material import STOW, related
from hil.bench.imaging.sides import Side, ours
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.faults.bad_images import bad_files, whole
from hil.faults.bad_pixels import bad_pixels
from hil.fuzz.images import seeds

FILES = 40
_WORDS = (
    b"\xff\xff\xff\xff",
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\xdd\xe0",
    b"\xfe\xff\x0d\xe0",
    b"\0\0\0\x80",
    b"\0\0\0\0",
)
"""What headers of elements and items are made of (PS3.5, 7.5)."""
_TAKEN, _REFUSED, _UNSEEN = (200, 202), (400, 409, 415), (200, 404, 406, 422, 503)
_DICOM = {"Accept": "application/dicom; transfer-syntax=*"}


async def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """So many rounds against a real controller and its imaging service. Raises NotReady."""
    verdict, rng, counted = Verdict("images", seed), Random(seed), Counter[str]()
    async with ours(folder / "ours") as side:
        first = service_of(side)
        for number in range(rounds):
            files = damaged(rng, 1000 * seed + number)
            problems = await asyncio.to_thread(_round, side, files, counted)
            problems += await asyncio.to_thread(_good, side, 10**6 * seed + number)
            if service_of(side) != first:
                problems.append("the imaging service is another process: it died")
                first = service_of(side)
            fired = counted["refused"] > 0
            verdict.round(f"{len(files)} files", fired=fired, problems=problems)
            say(f"{number + 1}/{rounds}: {'; '.join(problems) or dict(counted)}")
    verdict.facts |= {what: str(count) for what, count in sorted(counted.items())}
    return verdict


def service_of(side: Side) -> int:
    """The process of the imaging service. Raises NotReady: there is none."""
    for child in psutil.Process(side.pid).children(recursive=True):
        words = child.cmdline()
        if "controller.imaging" in words:
            return child.pid
    raise NotReady("there is no imaging service")


def damaged(rng: Random, seed: int) -> list[bytes]:
    """FILES files, the same for the same numbers."""
    hostile = [*(bad.content for bad in bad_files(seed).values()), *bad_pixels(seed).values()]
    chosen = rng.sample(hostile, FILES // 4)
    good = seeds()
    return chosen + [turned(rng, rng.choice(good)) for _ in range(FILES - len(chosen))]


def turned(rng: Random, content: bytes) -> bytes:
    """`content` with up to eight damages."""
    data = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        if len(data) < 140:
            break
        at = rng.randrange(128, len(data))
        match rng.randrange(5):
            case 0:
                data[at] = rng.randrange(256)
            case 1:
                data[at : at + 4] = rng.choice(_WORDS)
            case 2:
                del data[at : at + rng.randrange(1, 20)]
            case 3:
                data[at:at] = data[at : at + rng.randrange(1, 60)]
            case _:
                del data[at:]
    return bytes(data)


def _round(side: Side, files: Sequence[bytes], counted: Counter[str]) -> list[str]:
    """Send each, and look at what was taken."""
    problems = list[str]()
    with side.connection() as connection:
        for content in files:
            status, answer = connection.answer("POST", "/dicom-web/studies", STOW, related([content]))
            if status in _TAKEN:
                counted["taken"] += 1
                problems += _looked_at(connection, content, counted)
            elif status in _REFUSED:
                counted["refused"] += 1
            else:
                problems.append(f"{status} {answer[:200]!r} for {content[:4096].hex()}")
    return problems


def _looked_at(connection: Connection, content: bytes, counted: Counter[str]) -> list[str]:
    problems, path = list[str](), path_of(content)
    for suffix, accept in (("/rendered", "image/png"), ("/metadata", "application/dicom+json")):
        status, answer = connection.answer("GET", path + suffix, {"Accept": accept})
        counted[f"{suffix[1:]} {status}"] += 1
        if status not in _UNSEEN:
            problems.append(f"{suffix}: {status} {answer[:200]!r} for {content[:4096].hex()}")
    return problems


def _good(side: Side, seed: int) -> list[str]:
    """A good image goes in, comes out the same, and is drawn."""
    content = whole(seed)
    try:
        with side.connection() as connection:
            connection.ask("POST", "/dicom-web/studies", STOW, related([content]))
            same = connection.ask("GET", path_of(content), _DICOM) == content
            connection.ask("GET", f"{path_of(content)}/rendered", {"Accept": "image/png"})
    except (NotReady, OSError) as error:
        return [f"a good image: {error}"]
    return [] if same else ["a good image came out otherwise than it went in"]


def path_of(content: bytes) -> str:
    """Where an instance is, once it is taken."""
    study, series, instance = (
        read_instance(content).text(key) for key in ("0020000D", "0020000E", "00080018")
    )
    return f"/dicom-web/studies/{study}/series/{series}/instances/{instance}"
