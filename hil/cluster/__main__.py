"""`./run cluster`."""

import asyncio
import signal
import tempfile
from pathlib import Path
from typing import Annotated

import aiohttp
import typer

from controller.ports import free_port
from hil.cluster.held import line, look
from hil.cluster.layout import Asked
from hil.cluster.site import Cluster
from hil.errors import HilError


async def run(root: Path, asked: Asked, port: int, seconds: float | None) -> None:
    """Until told to stop, or for so long. Raises NotReady at a bad start."""
    async with Cluster(root, asked, free_port("127.0.0.1", port, "pages"), typer.echo) as cluster:
        typer.echo(f"pages: {cluster.pages} (nurse, engineer: {cluster.layout.passwords})")
        typer.echo(f"files and logs: {cluster.layout.root}")
        pids = {name: one.pid for name, one in cluster.processes.items()}
        typer.echo(f"processes, each of which is started again: {pids}, db-1: {cluster.primary.pid}")
        async with aiohttp.ClientSession() as session:
            loop = asyncio.get_running_loop()
            until = None if seconds is None else loop.time() + seconds
            while until is None or loop.time() < until:
                typer.echo(line(await look(cluster, session)))
                await asyncio.sleep(1)


async def _until_stopped(root: Path, asked: Asked, port: int, seconds: float | None) -> None:
    task = asyncio.create_task(run(root, asked, port, seconds))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()


def main(  # noqa: PLR0917 - typer reads them by name
    controllers: Annotated[int, typer.Option(min=1, help="One: no [cluster] replicas.")] = 3,
    gateways: Annotated[int, typer.Option(min=1, help="Light ones that speak the whole contract.")] = 50,
    brokers: Annotated[int, typer.Option(min=1)] = 3,
    port: Annotated[int, typer.Option(help="Of the pages; taken: the next one.")] = 8080,
    seconds: Annotated[float | None, typer.Option(help="Without: until Ctrl-C.")] = None,
    data: Annotated[Path | None, typer.Option(help="Without: gone at the end.")] = None,
) -> None:
    """A larger site on this machine: real brokers, databases, controllers, a balancer, simulated gateways."""
    asked = Asked(brokers=brokers, controllers=controllers, gateways=gateways)
    try:
        if data is not None:
            asyncio.run(_until_stopped(data, asked, port, seconds))
            return
        with tempfile.TemporaryDirectory(prefix="wardlink-cluster-") as folder:
            asyncio.run(_until_stopped(Path(folder), asked, port, seconds))
    except HilError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
