"""The lake written in a process of its own, which gives way to the controller's.

python -m controller.lake.child DATABASE FOLDER ACTOR
"""

import asyncio
import os
import sys
from pathlib import Path

from controller.clock import SystemClock
from controller.errors import ControllerError
from controller.identity.certificates import By
from controller.lake.extra import needed
from controller.store import Store
from controller.store.where import Where, parsed

NICE = 15


async def bring_up_to_date(database: Where, folder: Path, by: By) -> str:
    """Write one generation, and tell the store and the trail. Returns a line for people.

    Raises StoreError, LakeError.
    """
    with needed():
        from controller.lake.building import (  # noqa: PLC0415 - the extra may be missing
            caught_up,
            settled,
            write,
        )
    clock = SystemClock()
    store = await Store.open(database, folder=folder)
    try:
        await store.write(lambda db: caught_up(db, folder))
        written = await asyncio.to_thread(write, database, folder, clock.utc_us())
        await store.write(lambda db: settled(db, written, by, clock.utc_us()))
    finally:
        await store.close()
    again = f", {written.again} days written again" if written.again else ""
    return f"generation {written.generation}: {written.rows} rows in {written.files} files{again}"


def main() -> int:
    """0: it is written."""
    database, folder, actor = sys.argv[1:]
    os.nice(NICE)
    try:
        told = asyncio.run(bring_up_to_date(parsed(database), Path(folder), By(actor)))
    except ControllerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
