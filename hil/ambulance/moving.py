"""What an engineer does to the gateways' configurations in the excerpt: another address, another box."""

from pathlib import Path

from hil.errors import NotReady
from hil.faults.wan import HOSPITAL
from hil.ward import Folder

_SECTION = "\n[[device]]\n"


def over_the_network(folder: Folder, gateway: str) -> None:
    """Let `gateway` reach the controller over the `Wan` only."""
    path = _config(folder, gateway)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("mqtts://127.0.0.1", f"mqtts://{HOSPITAL}"), encoding="utf-8")


def move(folder: Folder, device: str, old: str, new: str, bed: str) -> None:
    """From its next start the gateway `new` serves `device` at `bed`, and `old` does not. Raises NotReady."""
    begin, *sections = _config(folder, old).read_text(encoding="utf-8").split(_SECTION)
    moved = [one for one in sections if f'id = "{device}"\n' in one]
    if len(moved) != 1:
        raise NotReady(f"expected the device {device} once in the configuration of {old}")
    left = [one for one in sections if one not in moved]
    _config(folder, old).write_text(_SECTION.join([begin, *left]), encoding="utf-8")
    lines = [f'bed = "{bed}"' if line.startswith("bed = ") else line for line in moved[0].splitlines()]
    with _config(folder, new).open("a", encoding="utf-8") as config:
        config.write(_SECTION + "\n".join(lines) + "\n")


def _config(folder: Folder, gateway: str) -> Path:
    return folder.box(gateway) / f"{gateway}.toml"
