"""Objects measured: put and get of 1 MB and 100 MB, in a folder and in a bucket, in turn, in one run.

`./run bench objects`: the endpoint is moto's server on this machine (hil/s3.py), in Python and in memory:
what is measured is our side and that server, not a hospital's store.
"""

import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from controller.clock import SystemClock
from controller.objects.bucket import Bucket
from controller.objects.folder import Folder
from controller.objects.model import Objects
from hil.prepare import quiet_port
from hil.s3 import Server

SIZES = {"1 MB": 1_000_000, "100 MB": 100_000_000}


def command(
    rounds: Annotated[int, typer.Option(min=1, help="Of the small ones; a tenth of it of the large.")] = 30,
) -> None:
    """Objects: put and get, a folder beside a bucket."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        for row in (
            ["", "folder", "bucket", "unit"],
            ["---", "---:", "---:", "---"],
            *measure(Path(folder), rounds),
        ):
            typer.echo(f"| {' | '.join(row)} |")


def measure(folder: Path, rounds: int) -> Iterator[list[str]]:
    """Rows of a table: medians, one round of each place after the other."""
    with Server.made(quiet_port()) as server:
        places = Folder(folder / "objects"), Bucket(server.access("bench", folder / "secret"), SystemClock())
        for name, size in SIZES.items():
            content = os.urandom(size)
            times = rounds if size < 10_000_000 else max(1, rounds // 10)
            yield from _rows(name, content, times, places)


def _rows(name: str, content: bytes, times: int, places: tuple[Objects, ...]) -> Iterator[list[str]]:
    took: dict[str, list[list[float]]] = {"put": [[], []], "get": [[], []]}
    for number in range(times):
        key = f"{name}/{number}"
        for place, puts, gets in zip(places, *took.values(), strict=True):
            puts.append(_seconds(lambda place=place, key=key: place.put(key, content)))
            gets.append(_seconds(lambda place=place, key=key: place.get(key)))
            place.delete(key)
    for what, (in_folder, in_bucket) in took.items():
        figures = [f"{statistics.median(each) * 1000:.1f}" for each in (in_folder, in_bucket)]
        yield [f"{what} {name}, median of {times}", *figures, "ms"]


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began
