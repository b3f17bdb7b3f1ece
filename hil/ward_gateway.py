"""A gateway on the virtual radio: `python -m hil.ward_gateway CONFIG HCI`.

The product's own gateway, with the radio at the bumble transport HCI in the place of the host's. Of several
in one air each has its own address.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from gateway.app import run as run_gateway
from gateway.config import load
from gateway.links.ble_radio import BleRadio
from hil.radio.adapter import ADDRESS, Adapter
from hil.radio.backend import backends
from hil.radio.bonds import RadioBonds
from hil.sims.process import run


async def serve(config: Path, hci: str, address: str = ADDRESS) -> None:
    """Until cancelled. Raises ConfigError or JournalError when it cannot start."""
    loaded = load(config)
    bonds = loaded.gateway.data / "bonds.json"
    await asyncio.to_thread(bonds.parent.mkdir, parents=True, exist_ok=True)
    async with Adapter(hci, address=address, bonds=bonds) as adapter:
        await run_gateway(loaded, radio=BleRadio(*backends(adapter), bonds=RadioBonds(adapter)))


def main(
    config: Annotated[Path, typer.Argument(help="The gateway's TOML file.")],
    hci: Annotated[str, typer.Argument(help="Where the radio is: tcp-client:127.0.0.1:9001")],
    address: Annotated[str, typer.Option(help="Of its adapter: a static random address.")] = ADDRESS,
) -> None:
    """Run the gateway until told to stop."""
    run(serve(config, hci, address))


if __name__ == "__main__":
    typer.run(main)
