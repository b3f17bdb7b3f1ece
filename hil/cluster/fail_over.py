"""What an operator does when the primary database is gone, and when its host is back.

await promote(cluster)                 # the standby takes writes; receipts wait for no other disk
await bring_back(cluster)              # the old one is the standby, and each commit waits for it again
"""

import asyncio
from typing import LiteralString

import psycopg

from hil.cluster.site import Cluster
from hil.errors import NotReady
from hil.postgres import Server
from hil.until import until

_SYNC = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
_STREAMS = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"


async def promote(cluster: Cluster) -> None:
    """The standby is the primary. Raises NotReady: the primary is not certainly off, or there is no other."""
    new, old = cluster.standby, cluster.primary
    if new is None or old.running:
        raise NotReady("expected a primary that is off and a standby: two that take writes lose one's")
    await asyncio.to_thread(new.promote)
    # Its copy of the settings may wait for the other, which is not there.
    await asyncio.to_thread(new.ask_synchronous, "")
    cluster.primary, cluster.standby = new, old


async def bring_back(cluster: Cluster, *, is_rewound: bool = False) -> None:
    """What was the primary follows the one that is, by a base backup or by pg_rewind. Raises NotReady."""
    new, old = cluster.primary, cluster.standby
    if old is None:
        raise NotReady("expected a server that was the primary")
    name = cluster.name_of(old)
    await asyncio.to_thread(old.rewind if is_rewound else old.follow, new, name)
    await asyncio.to_thread(old.start)
    # Not before: commits would wait for one that cannot follow, and with them everybody else's.
    await until("the standby follows", lambda: _some(new, _STREAMS), every_s=0.2)
    await asyncio.to_thread(new.ask_synchronous, name)
    await until("commits wait for the new standby", lambda: is_synchronous(new), every_s=0.2)


def is_synchronous(server: Server) -> bool:
    """Whether commits here are on another disk, too. Raises psycopg.Error."""
    return _some(server, _SYNC)


def _some(server: Server, query: LiteralString) -> bool:
    with psycopg.connect(server.url(), autocommit=True) as db:
        return (db.execute(query).fetchone() or (0,))[0] > 0
