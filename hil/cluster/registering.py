"""Who there is in a cluster: its ward, gateways with certificates, beds and people, in an empty database.

`python -m hil.cluster.registering ORDER.json` makes the schema of the release whose code is found first: of a
rolling upgrade it is run with an older one. So it needs only what that has, too: nothing that is new here.
"""

import asyncio
import json
import sqlite3
import sys
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from controller.clock import SystemClock
from controller.hub import Hub
from controller.identity.files import FOLDER
from controller.registry import Registry
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.store import Store
from hil.bench.crowd_order import Order
from hil.bench.growth import enrol
from hil.ward import WARD, WARD_NAME


async def register(database: str, folder: Path, order: Order, people: dict[str, str]) -> None:
    """`order`: of all gateways. `people`: passwords by name, which is a role. `folder`: a controller's."""
    store, clock = await Store.open(database, folder=folder), SystemClock()
    try:
        registry = Registry(store, Hub(clock, "cluster"), clock)
        await registry.load()
        await registry.add_ward(WARD, WARD_NAME)
        await store.write(partial(_enrolled, folder / FOLDER, order))
        for role, password in people.items():
            await set_password(store, clock, role, password, Role(role))
    finally:
        await store.close()


def _enrolled(ca: Path, order: Order, db: sqlite3.Connection) -> None:
    enrol(db, ca, order)


def main(path: Path) -> None:
    """See the module. The keys that all controllers of that release have alike are made, too."""
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if find_spec("controller.shards.same_keys"):
        make = getattr(import_module("controller.shards.same_keys"), "make", None)
        if make is not None:
            make(Path(told["folder"]))
    asyncio.run(register(told["database"], Path(told["folder"]), Order(**told["order"]), told["people"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
