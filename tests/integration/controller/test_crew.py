"""A crew's words from the box to the running controller, and the hospital's back to the box, signed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from controller.clock import SystemClock
from controller.crew.instructions import Asked, InstructionDesk, State
from controller.identity.certificates import By
from controller.stays import unknown
from controller.store import Store
from devices.model.observation import EventKind
from devices.wire import topics
from tests.integration.controller.conftest import Site
from tests.support.crew import ANN, BEN, Crew
from tests.support.sender import Sender, until
from tests.support.waiting import DEADLINE_S

NUMBER = "0123456789abcdef"
RECORD = "UPDATE gateway SET class = ?, place = ? WHERE id = ?"


@asynccontextmanager
async def beside(site: Site) -> AsyncIterator[Store]:
    """The database, beside the controller: ward-a is the box of the vehicle bed-1, ward-b is a ward's."""
    store = await Store.open(site.config.database)
    try:
        for record in (("vehicle", "bed-1", "ward-a"), ("ward", "w-1", "ward-b")):
            await store.write(lambda db, record=record: db.execute(RECORD, record))
        yield store
    finally:
        await store.close()


async def become(store: Store, query: str, *wanted: tuple[object, ...]) -> None:
    """Wait until the query finds that."""
    found = list[tuple[object, ...]]()
    async with asyncio.timeout(DEADLINE_S):
        while found != list(wanted):
            await asyncio.sleep(0.05)
            found = [tuple(row) for row in await store.read(query)]


def instructed(crew: Crew) -> list[tuple[object, ...]]:
    """(text, stay, issuer) of what its box was told to show."""
    told = [one for one in crew.sender.commands if one.name == "instruct"]
    return [(one.arguments["text"], one.arguments["stay"], one.issuer) for one in told]


async def test_a_crew_is_heard_and_hears_and_another_gateway_is_not_believed(site: Site) -> None:
    box, ward = Crew(Sender("ward-a")), Crew(Sender("ward-b"))
    lying = "SELECT bed, identifier FROM stay WHERE to_ms IS NULL"
    async with site.running(), beside(site) as store:
        desk = InstructionDesk(store, SystemClock())
        async with (
            box.sender.connected(site.port, site.tls["ward-a"]) as connection,
            ward.sender.connected(site.port, site.tls["ward-b"]) as other,
        ):
            for bed in ("bed-1", "bed-2"):
                ward.vehicle = bed
                begun = ward.patient(1, "begin", BEN, identifier="P9", name="Nobody")
                await other.publish(topics.LANES[0], ward.block(begun))
            await other.drain()
            await connection.publish(topics.LANES[0], box.block(box.patient(1, "begin"), box.mark(2, "rosc")))
            await connection.drain()
            await become(store, lying, ("bed-1", unknown(ANN)))
            await become(store, "SELECT count(*) FROM crew_event WHERE problem IS NOT NULL", (2,))
            await desk.instruct("bed-1", Asked(NUMBER, "call me", unknown(ANN)), By("dr-wu"))
            await until(lambda: instructed(box) != [])
            assert instructed(box)[0] == ("call me", ANN, "dr-wu")
            assert instructed(ward) == []
            heard = box.event(EventKind.INSTRUCTION, 3, id=NUMBER, state="acknowledged")
            await connection.publish(topics.LANES[0], box.block(heard))
            await connection.drain()
            await become(store, "SELECT count(*) FROM crew_event WHERE kind = 'instruction'", (1,))
            [one] = await desk.present("bed-1")
    assert (one.state, one.acknowledged and one.acknowledged.by) == (State.ACKNOWLEDGED, "Mei")


async def test_what_came_while_nobody_followed_is_taken_over_at_the_next_start(site: Site) -> None:
    crew = Crew(Sender("ward-a"))
    async with beside(site) as store:
        async with site.running(), crew.sender.connected(site.port, site.tls["ward-a"]) as connection:
            await connection.publish(topics.LANES[0], crew.block(crew.patient(1, "begin")))
            await connection.drain()
            await become(store, "SELECT box_stay FROM stay", (ANN,))
        detail = json.dumps({**crew.patient(2, "end").detail})
        columns = "place, boot, utc_us, gateway, device, bed, kind"
        again = f"""INSERT INTO device_event ({columns}, stream, number, mono_us, at_us, detail)
          SELECT {columns}, stream, number + 1, mono_us + 1, at_us + 1000000, ?
          FROM device_event ORDER BY id DESC LIMIT 1"""
        await store.write(lambda db: db.execute(again, (detail,)))
        async with site.running():
            await become(store, "SELECT to_ms - from_ms FROM stay", (1000,))
