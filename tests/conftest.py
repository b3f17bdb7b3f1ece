"""What every test run is set to."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.nodeid import NodeId
from hypothesis import settings

from controller import store
from controller.store.migrate import OURS, migrate

settings.register_profile("wardlink", deadline=None)  # no test judges how fast a busy machine is
settings.load_profile("wardlink")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share a fixture of their module (a browser, …) stay in one worker: else each makes it."""
    in_a_worker = config.getoption("loadgroup", default=False)
    for item in items:
        if isinstance(item, pytest.Function) and shares(item) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(f"{item.path.parent.name}/{item.path.stem}"))
        if in_a_worker and (group := item.get_closest_marker("xdist_group")):
            # pytest-xdist 3.8 writes it where pytest 9.2 does not look: it would keep no group together.
            item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")


def shares(test: pytest.Function) -> bool:
    """Whether any of its fixtures, its event loop among them, is for the whole module."""
    return any(made[-1].scope == "module" for made in test._fixtureinfo.name2fixturedefs.values() if made)


@pytest.fixture(scope="session", autouse=True)
def schema_made_once() -> Iterator[None]:
    """A store that is new begins as a copy of what the migrations make: thousands of tests open one."""
    made = store.connect(Path(":memory:"))
    migrate(made)

    def copied(db: sqlite3.Connection, package: str = OURS) -> None:
        if package != OURS or db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            migrate(db, package)
        else:
            made.backup(db)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "migrate", copied)
        yield
    made.close()
