"""From an approved project to files in a folder, with everything on record before anybody gets them.

folder, released = await make(store, clock, places, ("RP00000001", by))
"""

import asyncio
import shutil
from pathlib import Path

from controller.clock import Clock
from controller.errors import ControllerError
from controller.files import sync
from controller.identity.certificates import By
from controller.lake.alone import alone
from controller.lake.research.disguise import Disguise, master_key, project_key
from controller.lake.research.places import Places
from controller.lake.research.projects import Project, Projects, Released, allowed
from controller.lake.research.release import Source, release
from controller.store import Store
from controller.store.beside import Beside


async def make(store: Store, clock: Clock, places: Places, asked: tuple[str, By]) -> tuple[Path, Released]:
    """`asked`: the project's number, and who asks. Raises NotFound, ConfigError, StoreError; LakeError: the
    project is not approved or has expired, there is no lake, there are too few people, somebody took consent
    back meanwhile, or another process makes one for it."""
    projects, (number, by) = Projects(store, clock), asked
    project = await projects.find(number)
    await projects.check(project, by)
    with alone(places.releases / project.number):
        return await _made(projects, project, places, by)


async def _made(projects: Projects, project: Project, places: Places, by: By) -> tuple[Path, Released]:
    clock, before, folders = (
        projects.clock,
        await projects.releases(project),
        places.releases / project.number,
    )
    for one in before:
        _name(folders / f"R{one.release}")
    now_ms = clock.now_us() // 1000
    who = await Beside(projects.store.where).read(lambda db: allowed(db, project, now_ms))
    master = master_key(places.key, is_known=await projects.have_data())
    source = Source(Disguise(project_key(master, project.number, project.salt)), who)
    place = len(before) + 1
    folder = folders / f"R{place}"
    made = await asyncio.to_thread(release, places.lake, _beside(folder), project, source)
    told = made.generation, made.people, made.rows, made.digest
    released = Released(place, *told, by.actor, clock.utc_us() // 1000)
    try:
        # That took a while: it may be closed by now.
        await projects.check(await projects.find(project.number), by)
        await projects.noted(project, released, who)
    except ControllerError:
        shutil.rmtree(_beside(folder))
        raise
    _name(folder)
    return folder, released


def _beside(folder: Path) -> Path:
    """Where its files are until the release is on record."""
    return folder.with_name(folder.name + ".new")


def _name(folder: Path) -> None:
    """Of one that is on record; also if what recorded it was killed before it came to this."""
    if not folder.exists() and _beside(folder).exists():
        _beside(folder).rename(folder)
        sync(folder.parent)
