"""What a process and its children listen at, or take datagrams at.

    doors = await open_doors(pid)

It is looked at by a process of its own, because psutil sees the network namespace that it was started in.
"""

import asyncio
import json
import sys
from pathlib import Path
from socket import SOCK_DGRAM

import psutil

Door = tuple[str, str, str, int]
"""Process, tcp or udp, address, port. The process itself is "itself"; others have their names."""


async def open_doors(pid: int) -> set[Door]:
    """Of the process `pid` and its children; the caller is in the same network namespace."""
    looker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.doors", str(pid)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    told, _ = await looker.communicate()
    assert looker.returncode == 0
    return {(name, kind, address, port) for name, kind, address, port in json.loads(told)}


def _doors(pid: int) -> list[Door]:
    process, found = psutil.Process(pid), list[Door]()
    for one in (process, *process.children(recursive=True)):
        for held in one.net_connections("inet"):
            if held.status in (psutil.CONN_LISTEN, psutil.CONN_NONE) and held.laddr and not held.raddr:
                kind = "udp" if held.type == SOCK_DGRAM else "tcp"
                name = "itself" if one == process else one.name()
                found.append((name, kind, held.laddr.ip, held.laddr.port))
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_doors(int(sys.argv[1]))))
