"""The demo's cooled box: a place of the pharmacy with a simulated thermometer, as warm as somebody says.

    python -m hil.cold_box data 12.5        # the box of the demo in `data` is at 12.5 °C from now on

It hangs at the ward's gateway; its thermometer speaks BTHome, as one that a hospital buys.
"""

from pathlib import Path
from typing import Annotated

import typer

from hil.sims.dials import BedDials, DialFile, Dials
from hil.ward import GATEWAY, GATEWAY_NAME, Folder, Ward, WardBed, WardDevice, radio_address

PLACE, THERMOMETER = "coolbox-1", "bthome-sensor"
COLD = 5.0
"""°C."""
BOXES = Ward(
    (WardBed(PLACE, "Cooled box 1"),),
    (WardDevice("box-temp-1", THERMOMETER, PLACE, 91, radio_address(4, 1)),),
    "pharmacy",
    "Pharmacy",
    GATEWAY,
    GATEWAY_NAME,
)


def gateway_part() -> str:
    """What the ward's gateway has of it in its configuration, as TOML: the device, and the box's limits."""
    [one] = BOXES.devices
    device = f'id = "{one.id}"\nprofile = "{one.profile}"\nbed = "{one.bed}"\naddress = "{one.address}"\n'
    return f"\n[[device]]\n{device}\n[alarms.boxes.{PLACE}]\nlow = 2\nhigh = 8\n"


def cooled(folder: Folder) -> None:
    """It is cold, unless somebody has said otherwise."""
    if not folder.dials(PLACE).exists():
        warm(folder, COLD)


def warm(folder: Folder, celsius: float) -> None:
    """So warm is it inside from now on."""
    DialFile(folder.dials(PLACE)).write(BedDials(patient=Dials(surroundings=celsius)))


def main(
    folder: Annotated[Path, typer.Argument(help="The demo's data folder.")],
    celsius: Annotated[float, typer.Argument(min=-40.0, max=60.0, help="How warm it is inside, °C.")],
) -> None:
    """Warm or cool the demo's cooled box."""
    warm(Folder(folder.absolute()), celsius)


if __name__ == "__main__":
    typer.run(main)
