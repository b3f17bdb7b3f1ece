"""Two controllers, as processes, on one database and at one broker.

async with both_running(site) as two:
    two.holds.process.kill()           # the one that has the gateway's shard
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from controller.config import load
from controller.identity.files import FOLDER
from controller.shards.hashing import SHARDS, shard_of
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_kill import process
from tests.support.members import Members
from tests.support.sender import Connection, Sender, until

LONG_S = 120
"""For a machine that does other things, too."""
LOOK_S = 0.1
GATEWAY = "ward-a"


@dataclass(slots=True)
class Replica:
    """One of them: `holder` is its name in the table."""

    site: Site
    process: subprocess.Popen[bytes]
    holder: str

    def log(self) -> str:
        return (self.site.folder / "log").read_text(encoding="utf-8")


@dataclass(slots=True)
class Two:
    """Both, the one that holds the gateway's shard first."""

    site: Site
    port: int
    holds: Replica
    other: Replica

    async def lease(self) -> tuple[str, int]:
        """Whose the gateway's shard is, and its token."""
        query = "SELECT holder, token FROM shard_lease WHERE shard = ?"
        [(holder, token)] = await self.site.rows(query, shard_of(GATEWAY))
        return holder, token

    async def leased_to(self, holder: str) -> int:
        """Wait for that; the token."""
        while (lease := await self.lease())[0] != holder:
            assert self.other.process.poll() is None, self.other.log()
            await asyncio.sleep(LOOK_S)
        return lease[1]

    @asynccontextmanager
    async def sending(self, sender: Sender) -> AsyncIterator[Connection]:
        """At their broker."""
        async with sender.connected(self.port, self.site.tls[GATEWAY]) as connection:
            yield connection

    async def whole(self) -> bool:
        """Nothing is missing, nothing is there twice."""
        return all((row.missing, row.duplicated) == (0, 0) for row in await self.site.ledger())


def beside(site: Site) -> Site:
    """A second controller's folder: the same authority, the same database."""
    folder = site.folder / "second"
    (folder / "controller-data").mkdir(parents=True, mode=0o700)
    shutil.copy(site.folder / "controller.toml", folder)
    config = load(folder / "controller.toml")
    for shared in (FOLDER, "keys"):
        shutil.copytree(site.config.data / shared, config.data / shared)
    config.database.symlink_to(site.config.database)
    return Site(folder, config, site.tls)


async def holders(site: Site) -> dict[str, int]:
    """Shards of each."""
    query = "SELECT holder, count(*) FROM shard_lease GROUP BY holder"
    return {holder: count for holder, count in await site.rows(query) if holder}


@asynccontextmanager
async def both_running(site: Site, more: str = "") -> AsyncIterator[Two]:
    """Inside the block, each with half of the shards; `more`: sections of both configurations."""
    members = Members(site.folder, site.config.data, 1)
    file = site.folder / "controller.toml"
    text = file.read_text(encoding="utf-8").replace("[mqtt]\nport = 0\n", members.section)
    file.write_text(f"{text}[cluster]\nreplicas = true\n{more}", encoding="utf-8")
    async with members.running():
        with process(site) as first_process:
            while SHARDS not in (await holders(site)).values():
                assert first_process.poll() is None, (site.folder / "log").read_text()
                await asyncio.sleep(LOOK_S)
            [name] = await holders(site)
            second = beside(site)
            with process(second) as second_process:
                while sorted((found := await holders(site)).values()) != [SHARDS // 2] * 2:
                    assert second_process.poll() is None, (second.folder / "log").read_text()
                    await asyncio.sleep(LOOK_S)
                await until(lambda: site.is_up() and second.is_up(), LONG_S)
                [other] = found.keys() - {name}
                both = [Replica(site, first_process, name), Replica(second, second_process, other)]
                two = Two(site, members.ports[0], *both)
                if (await two.lease())[0] != name:
                    two.holds, two.other = two.other, two.holds
                yield two
