"""A hospital whose data are asked for by research: a store, its lake, projects, who decides them."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import duckdb

from controller.conferences.books import Books
from controller.conferences.sharing import Said, Shared, Sharing
from controller.identity.certificates import By
from controller.lake.research.making import make
from controller.lake.research.places import Places
from controller.lake.research.projects import RESEARCH, WORDS, Project, Projects, Proposed
from controller.lake.research.states import ProjectState
from controller.store import Store
from tests.support import history
from tests.support.history import BASE_US
from tests.support.lake import written

SECOND, DAY_MS = 1_000_000, 86_400_000
BEN, OLGA = By("ben"), By("olga", why="ethics 12/26")
PATIENTS = 7
WANTED = Proposed(
    "Sepsis", "early signs", "opt-out", ("hr",), "1971-11-20", "1971-12-01", BASE_US // 1000 + DAY_MS
)
DAY = "1971-11-26"
"""Of BASE_US."""
SERIAL, NAME = "SN-7781-XK", "Muster-Zweig"


class HandClock:
    """Time that a test lets pass."""

    def __init__(self) -> None:
        self.at_us = BASE_US

    def now_us(self) -> int:
        return self.at_us

    def utc_us(self) -> int:
        return self.at_us


def fill(db: Any) -> None:
    """Patients ID-4710 … on beds that say so, with a birth date, a device and readings each."""
    history.begin(db)
    db.execute("INSERT INTO ward VALUES ('ward-oncology', 'Oncology')")
    db.execute("INSERT INTO gateway (id, name, added_ms) VALUES ('gw-north', 'North', 0)")
    for n in range(PATIENTS):
        bed, device, patient = f"bed-north-{n}", f"pump-{SERIAL}-{n}", f"ID-471{n}"
        db.execute("INSERT INTO bed VALUES (?, 'ward-oncology', 'x')", (bed,))
        stay = "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES (?, ?, ?, ?, ?, 'nurse')"
        db.execute(stay, (bed, patient, f"{NAME}-{n}", BASE_US // 1000, BASE_US // 1000 + 1_800_000))
        person = """INSERT INTO patient (identifier, name, revision, by, at_ms)
        VALUES (?, ?, 1, 'x', 0) RETURNING id"""
        [(number,)] = db.execute(person, (patient, f"{NAME}-{n}")).fetchall()
        born = f"{1871 + 10 * n}-03-0{n + 1}"
        said = (
            "INSERT INTO patient_person (patient, birth_date, sex, by, at_ms) VALUES (?, ?, 'female', 'x', 0)"
        )
        db.execute(said, (number, born))
        db.execute(
            "INSERT INTO device (id, gateway, metrics, added_ms) VALUES (?, 'gw-north', '[]', 0)", (device,)
        )
        series = "INSERT INTO series (device, bed, metric) VALUES (?, ?, ?) RETURNING id"
        for metric in ("hr", "spo2"):
            [(one,)] = db.execute(series, (device, bed, metric)).fetchall()
            history.arrive(
                db, 10 + n, [(one, BASE_US + k * 60 * SECOND, 60.0 + n + k / 7) for k in range(20)]
            )


class Lab:
    """A store, its lake, and projects."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.clock = store, HandClock()
        self.projects = Projects(store, self.clock)
        self.places = Places(folder / "lake", folder / "research", folder / "keys" / "research.key")

    async def approved(self, wanted: Proposed = WANTED) -> Project:
        project = await self.projects.propose(wanted, BEN)
        return await self.projects.decide(project.number, ProjectState.APPROVED, OLGA)

    async def release(self, project: Project) -> tuple[Path, Any]:
        return await make(self.store, self.clock, self.places, (project.number, By("cli:ann")))

    async def changed(self, *statements: str) -> None:
        """The store is put right so, and the lake written anew."""
        await self.only_in_the_store(*statements)
        shutil.rmtree(self.places.lake)
        await written(self.store, self.places.lake)

    async def only_in_the_store(self, *statements: str) -> None:
        for one in statements:
            await self.store.write(lambda db, one=one: db.execute(one))

    async def say(self, patient: str, said: Any, project: str = "") -> None:
        sharing = Sharing(Books(self.store, self.clock))
        what = f"{RESEARCH}/{project}" if project else RESEARCH
        await sharing.say(Shared(patient, what), Said(said, "en"), BEN, words=WORDS)


@asynccontextmanager
async def lab_in(folder: Path) -> AsyncIterator[Lab]:
    """Begun, and ended."""
    store = await Store.open(folder / "wardlink.sqlite")
    await store.write(fill)
    await written(store, folder / "lake")
    yield Lab(store, folder)
    await store.close()


def asked(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """What SQL says of a release: `FROM person|` is its file of that name."""
    return (
        duckdb.connect().sql(query.replace("FROM ", f"FROM '{folder}/").replace("|", ".parquet'")).fetchall()
    )
