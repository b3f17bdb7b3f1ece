"""From an approved project to files in a folder, with everything on record before anybody gets them.

folder, released = await make(store, clock, places, ("RP00000001", by))
"""

import asyncio
from pathlib import Path

from controller.clock import Clock
from controller.identity.certificates import By
from controller.lake.research.disguise import Disguise, master_key, project_key
from controller.lake.research.places import Places
from controller.lake.research.projects import Projects, Released, allowed
from controller.lake.research.release import Source, release
from controller.store import Store
from controller.store.beside import Beside


async def make(store: Store, clock: Clock, places: Places, asked: tuple[str, By]) -> tuple[Path, Released]:
    """`asked`: the project's number, and who asks. Raises NotFound, ConfigError, StoreError; LakeError: the
    project is not approved or has expired, there is no lake, there are too few people."""
    projects, (number, by) = Projects(store, clock), asked
    project = await projects.find(number)
    await projects.check(project, by)
    now_ms = clock.now_us() // 1000
    patients = await Beside(store.where).read(lambda db: allowed(db, project, now_ms))
    disguise = Disguise(project_key(master_key(places.key), project.number, project.salt))
    place = len(await projects.releases(project)) + 1
    folder = places.releases / project.number / f"R{place}"
    made = await asyncio.to_thread(release, places.lake, folder, project, Source(disguise, patients))
    told = made.generation, made.people, made.rows, made.digest
    released = Released(place, *told, by.actor, clock.utc_us() // 1000)
    await projects.noted(project, released)
    return folder, released
