"""What the codecs of a device remember over connections and restarts: a small JSON file for each device."""

import json
import os
from pathlib import Path

from devices.model.identity import DeviceId


def load_memory(folder: Path, device: DeviceId) -> dict[str, int]:
    """The memory of `device`; empty when there is none, or none that can be read: all is fetched again."""
    try:
        kept = json.loads((folder / f"{device}.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    pairs = kept.items() if isinstance(kept, dict) else ()
    return {name: number for name, number in pairs if isinstance(number, int)}


def forget_memory(folder: Path, device: str) -> None:
    """Wipe what is remembered of `device`. Raises OSError."""
    for path in (folder / f"{device}.json", folder / f"{device}.new"):
        path.unlink(missing_ok=True)


def save_memory(folder: Path, device: DeviceId, memory: dict[str, int]) -> None:
    """Replace the memory of `device`: the old one or the new one survives a power cut. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{device}.json"
    new = path.with_suffix(".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(memory, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
