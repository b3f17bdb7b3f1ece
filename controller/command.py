"""What the commands of `wardlink controller` share: the configuration, errors as sentences, the store."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from controller.config import Config, load
from controller.errors import ControllerError
from controller.store import Store
from devices.errors import DevicesError

T = TypeVar("T")

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The controller's TOML file; without: all defaults, data here."),
]


@contextmanager
def explained() -> Iterator[None]:
    """Errors that a person can mend are told, not traced."""
    try:
        yield
    except (ControllerError, DevicesError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def with_store(config: Path | None, work: Callable[[Store], Awaitable[T]]) -> T:
    """What `work` gives of the configured controller's database, which is opened for it alone."""

    async def opened(loaded: Config) -> T:
        store = await Store.open(loaded.where, folder=loaded.data)
        try:
            return await work(store)
        finally:
            await store.close()

    with explained():
        return asyncio.run(opened(load(config)))
