"""What every test run is set to.

./run test --hypothesis-profile thorough    each property tries all the examples that its test asks for
./run test --store postgresql               the controller's stores are on PostgreSQL
./run test -m on_both                       what runs on both databases each time
"""

import gc
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from controller import store
from controller.store.migrate import OURS, migrate

settings.register_profile("thorough", deadline=None)  # no test judges how fast a busy machine is
settings.register_profile("wardlink", settings.get_profile("thorough"))
settings.load_profile("wardlink")
POSTGRESQL = "postgresql"
A_THIRD, AT_LEAST = 3, 5
"""How many of the examples that a test asks for it tries every day."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ours."""
    parser.addoption("--store", choices=("sqlite", POSTGRESQL), default="sqlite", help="the database")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays: to look through it again and again was a quarter of all that tests cost."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share a fixture of their module (a browser, …) stay in one worker: else each makes it."""
    if settings.get_current_profile_name() == "wardlink":
        for test in {id(item.obj): item.obj for item in items if isinstance(item, pytest.Function)}.values():
            with_fewer_examples(test)
    on_a_server = config.getoption("store") == POSTGRESQL
    for item in items:
        if on_a_server and (sqlite_only := item.get_closest_marker("sqlite_only")):
            item.add_marker(pytest.mark.skip(reason=f"SQLite only: {sqlite_only.args[0]}"))
        if isinstance(item, pytest.Function) and shares(item) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(f"{item.path.parent.name}/{item.path.stem}"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that are `on_both`, unless all of them are on a server."""
    if metafunc.definition.get_closest_marker("on_both") and metafunc.config.getoption("store") == "sqlite":
        # All that need a server in one worker: it starts in one only.
        on_a_server = pytest.param(POSTGRESQL, marks=pytest.mark.xdist_group("postgresql"))
        metafunc.parametrize("database", ["sqlite", on_a_server], indirect=True)


def with_fewer_examples(test: Any) -> None:
    """Of a property, part of the examples: what is rare is for the thorough run."""
    asked: settings | None = getattr(test, "_hypothesis_internal_use_settings", None)
    if asked is not None:
        few = max(min(asked.max_examples, AT_LEAST), asked.max_examples // A_THIRD)
        test._hypothesis_internal_use_settings = settings(asked, max_examples=few)


def shares(test: pytest.Function) -> bool:
    """Whether any of its fixtures, its event loop among them, is for the whole module."""
    return any(made[-1].scope == "module" for made in test._fixtureinfo.name2fixturedefs.values() if made)


@pytest.fixture(scope="session", autouse=True)
def stores(request: pytest.FixtureRequest) -> Iterator[None]:
    """On which database they are."""
    with on_server() if request.config.getoption("store") == POSTGRESQL else made_once():
        yield


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[None]:
    """PostgreSQL where `on_both` asks for it. A server's databases go once nobody uses them."""
    with on_server() if getattr(request, "param", "") == POSTGRESQL else nullcontext():
        yield
    if (servers := sys.modules.get("tests.support.postgres")) and servers.SERVERS.made:
        servers.SERVERS.drop()


@pytest.fixture(scope="session", autouse=True)
def servers_go() -> Iterator[None]:
    """The one of this process."""
    yield
    if servers := sys.modules.get("tests.support.postgres"):
        servers.SERVERS.stop()


@contextmanager
def on_server() -> Iterator[None]:
    """PostgreSQL, which starts when it is first needed."""
    from tests.support.postgres import instead_of_files  # noqa: PLC0415 - few runs need it

    with instead_of_files():
        yield


@contextmanager
def made_once() -> Iterator[None]:
    """A store that is new begins as a copy of what the migrations make: thousands of tests open one."""
    made = store.connect(Path(":memory:"))
    migrate(made)

    def copied(db: sqlite3.Connection, package: str = OURS) -> None:
        on_a_server = not isinstance(db, sqlite3.Connection)
        if package != OURS or on_a_server or db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            migrate(db, package)
        else:
            made.backup(db)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "migrate", copied)
        yield
    made.close()
