"""A picture over the real broker to the running controller: receipted, received, and the box hears it."""

import hashlib

from controller.clock import SystemClock
from controller.crew.still_keeper import StillKeeper
from devices.model.observation import EventKind, Instant
from devices.wire import topics
from devices.wire.block import Lane
from devices.wire.records import Attachment
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_crew import become, beside
from tests.support.crew import ANN, Crew
from tests.support.photos import photo
from tests.support.sender import Sender, until

DATA = photo(size=(300, 200), quality=95)
DIGEST = hashlib.sha256(DATA).digest()
CHUNK = 1000


def chunks(sender: Sender) -> None:
    """The file in blocks of the lane of bulk, which wait to be sent."""
    for offset in range(0, len(DATA), CHUNK):
        at, part = Instant(10**10), DATA[offset : offset + CHUNK]
        sender.block(Attachment(at, DIGEST, len(DATA), offset, part), lane=Lane.BULK)


def heard(crew: Crew) -> list[object]:
    """What the box was told of the picture."""
    return [one.arguments["state"] for one in crew.sender.commands if one.name == "picture"]


async def test_a_controller_that_ends_in_the_middle_has_every_chunk_once_and_the_box_hears_so(
    site: Site,
) -> None:
    crew = Crew(Sender("ward-a"))
    chunks(crew.sender)
    half = list(crew.sender.pending.items())[::2]
    about = {
        "digest": DIGEST.hex(),
        "size": len(DATA),
        "media": "image/jpeg",
        "kind": "camera",
        "clock": "free",
    }
    async with beside(site) as store:
        keeper = StillKeeper(store, SystemClock(), None)
        async with site.running(), crew.sender.connected(site.port, site.tls["ward-a"]) as connection:
            told = crew.patient(1, "begin"), crew.event(EventKind.PICTURE, 2, **about)
            await connection.publish(topics.LANES[Lane.ALERT], crew.block(*told))
            for (lane, _), block in half:
                await connection.publish(topics.LANES[lane], block)
            await become(store, "SELECT count(*) FROM attachment", (len(half),))
            await become(store, "SELECT state FROM still", ("coming",))
            await keeper.step()
            assert heard(crew) == []
        for key, block in half:
            crew.sender.pending.setdefault(key, block)  # as if no receipt had come
        async with site.running(), crew.sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.drain()
            await keeper.step()
            await until(lambda: heard(crew) == ["received"])
        rows = "SELECT count(*), sum(length(data)) FROM attachment"
        await become(store, rows, (-(-len(DATA) // CHUNK), len(DATA)))
        await become(store, "SELECT state, box_stay FROM still", ("received", ANN))
