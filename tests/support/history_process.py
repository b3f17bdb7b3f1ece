"""A process that stores, moves, rolls up and drops without end, in small steps: to be killed.

python -m tests.support.history_process DATABASE SEED
"""

import asyncio
import random
import sys
from pathlib import Path

from controller.history import retention, rollup
from controller.store import Store
from tests.support import history
from tests.support.history import BASE_US

SECOND = 1_000_000


async def _write(store: Store, draw: random.Random) -> None:
    """Blocks arrive, some of them late; now and then a boot moves, or all that there is grows old."""
    block = (await store.read("SELECT ifnull(max(number), 0) FROM observation"))[0][0]
    while True:
        block += 1
        late = draw.choice((0, 0, 3600, 86_400))
        at_us = BASE_US + (block - late) * SECOND
        rows = [(draw.randint(1, 2), at_us + n * SECOND, draw.uniform(0, 100)) for n in range(40)]
        boot = draw.randint(1, 3)
        await store.write(lambda db, rows=rows, boot=boot, block=block: history.arrive(db, block, rows, boot))
        if draw.random() < 0.1:
            by_us = draw.randint(-100, 100) * SECOND
            await store.write(lambda db, boot=boot, by_us=by_us: history.move(db, boot, by_us))
        if draw.random() < 0.05:
            await store.write(history.grow_old)


async def _keep(store: Store) -> None:
    while True:
        for _ in range(3):
            await rollup.add_new(store)
            await rollup.mend(store)
        await retention.drop_observations(store, 1, 0)


async def main(database: Path, seed: int) -> None:
    rollup.BATCH, rollup.MENDED_AT_ONCE, retention.OBSERVATIONS_AT_ONCE = 60, 5, 50
    store = await Store.open(database)
    print("running", flush=True)  # noqa: T201 - for whoever kills it
    await asyncio.gather(_write(store, random.Random(seed)), _keep(store))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
