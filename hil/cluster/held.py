"""Who of a cluster is there, and what is held by whom, in one line.

async with looking() as session:
    print(line(await look(cluster, session)))
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import psycopg

from hil.cluster.site import Cluster
from hil.postgres import Server

_HELD = "SELECT holder, count(*) FROM shard_lease WHERE holder <> '' GROUP BY holder ORDER BY holder"
_STORED = "SELECT sum(last - first + 1) FROM ledger WHERE kind = 'committed'"
_ROLE = "SELECT pg_is_in_recovery(), (SELECT string_agg(sync_state, ' ') FROM pg_stat_replication)"
_WAIT_S = 2


@dataclass(frozen=True, slots=True)
class Now:
    """Of one moment. `readiness` by controller; `databases` by server; `holders`: shards by replica."""

    readiness: Mapping[str, str]
    databases: Mapping[str, str]
    holders: Mapping[str, int]
    blocks: int | None
    """That were committed, since the beginning."""


async def look(cluster: Cluster, session: aiohttp.ClientSession) -> Now:
    """As it is. What does not answer is said to be away."""
    ports = cluster.layout.http
    answers = await asyncio.gather(*(_ready(session, port) for port in ports))
    readiness = {f"controller-{number + 1}": said for number, said in enumerate(answers)}
    servers = {"db-1": cluster.primary, "db-2": cluster.standby}
    states = await asyncio.gather(*(asyncio.to_thread(_state, one) for one in servers.values()))
    holders, blocks = await asyncio.to_thread(_held, cluster.database)
    return Now(readiness, dict(zip(servers, states, strict=True)), holders, blocks)


def line(now: Now) -> str:
    """For people."""
    shards = ", ".join(f"{name[:6]}… {count}" for name, count in now.holders.items())
    parts = [*now.readiness.items(), *now.databases.items()]
    said = " · ".join(f"{name} {state}" for name, state in parts)
    stored = "–" if now.blocks is None else f"{now.blocks:,}"
    return f"{said} · shards: {shards or 'held by nobody'} · blocks: {stored}"


async def _ready(session: aiohttp.ClientSession, port: int) -> str:
    try:
        limit = aiohttp.ClientTimeout(total=_WAIT_S)
        async with session.get(f"http://127.0.0.1:{port}/readyz", timeout=limit) as response:
            return (await response.text()).strip()
    except (aiohttp.ClientError, TimeoutError):
        return "away"


def _state(server: Server | None) -> str:
    if server is None:
        return "away"
    try:
        with psycopg.connect(server.url(), autocommit=True, connect_timeout=_WAIT_S) as db:
            follows, others = db.execute(_ROLE).fetchone() or (False, None)
    except psycopg.Error:
        return "away"
    return "standby" if follows else f"primary ({others or 'alone'})"


def _held(url: str) -> tuple[dict[str, int], int | None]:
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=_WAIT_S) as db:
            holders = {str(holder): int(count) for holder, count in db.execute(_HELD).fetchall()}
            (blocks,) = db.execute(_STORED).fetchone() or (None,)
    except psycopg.Error:
        return {}, None
    return holders, None if blocks is None else int(blocks)
