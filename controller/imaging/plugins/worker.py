"""`python -m controller.imaging.plugins.worker NAME KIND UTC_US`: one look of one plug-in; it may die of it.

What it is given comes on standard input; the answer is JSON: {"findings": […], "report": "base64"}, or
{"unreadable": "why"}. The kernel ends it when it takes too much memory or time; the queue when it hangs.
"""

import base64
import json
import resource
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from controller.imaging.plugins.model import Given
from controller.imaging.plugins.plugin import BadGiven, Plugin
from controller.imaging.plugins.registry import PLUGINS
from controller.imaging.plugins.report import make_report

MEMORY: Final = 2 << 30
CPU_S: Final = 60
"""Of processor."""


def looked(plugin: Plugin, kind: str, content: bytes, utc_us: int) -> Mapping[str, Any]:
    """The answer. `kind`: with dots it is a SOP class, and what is found there becomes a report, too."""
    try:
        findings = plugin.run(Given(kind, content))
    except BadGiven as error:
        return {"unreadable": str(error)}
    told: dict[str, Any] = {"findings": [asdict(one) for one in findings]}
    if findings and "." in kind:
        told["report"] = base64.b64encode(make_report(content, findings, utc_us)).decode()
    return told


def limit() -> None:
    """No more memory, time, files and dumps than a look needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def main() -> None:
    """Look once."""
    limit()
    name, kind, utc_us = sys.argv[1:4]
    told = looked(PLUGINS[name], kind, sys.stdin.buffer.read(), int(utc_us))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
