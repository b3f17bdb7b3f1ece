"""How much memory a gateway holds: the product as it runs in the field, with BlueZ's backend."""

import asyncio
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

_ROOT = Path(__file__).parents[2]
_SETTLE_S = 8.0
_BARE = "import asyncio, aiomqtt, sys; print('ready', flush=True); sys.stdin.read()"


@dataclass(frozen=True, slots=True)
class Resident:
    """Resident set sizes, MB (10^6 bytes)."""

    product_mb: float
    bare_mb: float


async def measure(folder: Path, ward_config: Path) -> Resident:
    """Start the gateway of `ward_config` with a journal of its own and nobody to talk to."""
    config = _copied(folder, ward_config)
    product = await _resident("-m", "wardlink", "gateway", "run", str(config))
    return Resident(product, await _resident("-c", _BARE))


def _copied(folder: Path, ward_config: Path) -> Path:
    folder.mkdir(parents=True)
    config = folder / "gateway.toml"
    config.write_text(ward_config.read_text(encoding="utf-8"), encoding="utf-8")
    shutil.copytree(ward_config.parent / "identity", folder / "identity")
    return config


async def _resident(*arguments: str) -> float:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await asyncio.sleep(_SETTLE_S)
    megabytes = psutil.Process(process.pid).memory_info().rss / 1e6
    process.terminate()
    await process.wait()
    return megabytes
