"""A controller that is killed between the archive's commit and its own: a process of its own.

python -m tests.support.snapshot_killed DATABASE SOCKET VISIT PICTURE
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from controller.api.snapshots_context import archive_of
from controller.clock import SystemClock
from controller.identity.certificates import By
from controller.imaging.client import ImagingClient
from controller.imaging.sight import WHOLE
from controller.store import Store
from controller.store.where import parsed
from controller.telemedicine.books import Books
from controller.telemedicine.snapshots.book import Taken
from controller.telemedicine.snapshots.service import Snapshots


async def main(database: str, socket: str, number: str, picture: bytes) -> None:
    """Keeps the picture, and is gone as soon as the archive has answered."""
    books = Books(await Store.open(parsed(database), folder=Path(socket).parent), SystemClock())
    visit, client = await books.find(number, WHOLE), ImagingClient(Path(socket))

    async def archive(who: By, about: Mapping[str, Any], data: bytes) -> Mapping[str, Any]:
        answered = await archive_of(client)(who, about, data)
        assert answered["outcome"] == "stored", answered
        os.kill(os.getpid(), signal.SIGKILL)
        return answered

    snapshots = Snapshots(books)
    snapshots.archive = archive
    utc_us = books.clock.utc_us()
    about = {"visit": number, "patient_id": visit.identifier, "patient_name": visit.name, "by": "nina"}
    about |= {"shows": "", "at_us": utc_us, "study_us": utc_us}
    taken = Taken(orjson.dumps(about).decode(), picture, None)
    await snapshots.bring(await snapshots.keep(visit, taken, By("nina")))


if __name__ == "__main__":
    *told, file = sys.argv[1:]
    asyncio.run(main(*told, picture=Path(file).read_bytes()))
