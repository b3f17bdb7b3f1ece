"""Pictures of a crew: whole however their chunks come, of the patient of their stay, and told to the box."""

import hashlib
import json
import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.crew import stills
from controller.crew.follower import FOREIGN
from controller.crew.still_keeper import StillKeeper
from controller.ledger import ledger_table
from controller.stays import unknown
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Attachment, Group
from tests.support.crew import ANN, BEN, Crew
from tests.support.sender import Sender
from tests.unit.controller.crew.conftest import Following

DATA = bytes(range(256)) * 20
STATES = "SELECT state FROM still ORDER BY id"
WORD = "SELECT arguments FROM command WHERE name = 'picture'"


def digest(data: bytes = DATA) -> str:
    return hashlib.sha256(data).hexdigest()


def picture(crew: Crew, second: int = 60, stay: str = ANN, data: bytes = DATA) -> DeviceEvent:
    about = {"digest": digest(data), "size": len(data), "media": "image/jpeg", "kind": "camera"}
    return crew.event(EventKind.PICTURE, second, stay, **about, shows="hand", clock="network", error_ms=20)


def blocks(sender: Sender, data: bytes = DATA, chunk: int = 1000, told: str = "") -> list[bytes]:
    """The file in blocks of the lane of bulk; `told`: another digest than its own."""
    made: list[bytes] = []
    for offset in range(0, len(data), chunk):
        number, mono_us = sender.next[Lane.BULK], 100_000_000
        sender.next[Lane.BULK] += 1
        part = Attachment(
            Instant(mono_us * 1000),
            bytes.fromhex(told or digest(data)),
            len(data),
            offset,
            data[offset : offset + chunk],
        )
        clock = BlockClock(sender.boot, mono_us, None, Sync.UNSET, None)
        made.append(seal(sender.journal, Lane.BULK, number, clock, [Group(None, None, [part])]))
    return made


def keeper(following: Following) -> StillKeeper:
    """Without an archive of images."""
    return StillKeeper(following.desk.store, following.desk.clock, None)


async def words(following: Following) -> list[tuple[str, str]]:
    """(stay, state) of what the box was told, sorted: the clock of these tests stands still."""
    told = [json.loads(str(row[0])) for row in await following.desk.rows(WORD)]
    return sorted((one["stay"], one["state"]) for one in told)


async def take(following: Following, made: list[bytes], gateway: str = "amb-1") -> None:
    await following.desk.take(*made, what="bulk", gateway=gateway)


async def told(following: Following) -> None:
    crew = following.crew
    await following.hear(crew.patient(40, "begin", identifier="4711", name="Ann"), picture(crew))


async def test_a_picture_is_received_when_every_byte_is_there_and_the_box_is_told_once(
    following: Following,
) -> None:
    await told(following)
    made, asked = blocks(following.crew.sender), keeper(following)
    await take(following, made[:-1])
    await asked.step()
    assert (await following.desk.rows(STATES), await words(following)) == ([("coming",)], [])
    await take(following, made[-1:])
    for _ in range(2):
        await asked.step()
    assert await following.desk.rows(STATES) == [("received",)]
    assert await words(following) == [(ANN, "received")]
    [one] = await following.desk.store.write(lambda db: stills.of_state(db, "received"))
    assert await following.desk.store.write(lambda db: stills.content(db, one)) == DATA
    assert (one.patient_id, one.patient_name, one.vehicle, one.by) == ("4711", "Ann", "bed-1", "Mei")
    assert (one.at_ms, one.from_ms, one.number) == (following.at_ms(60), following.at_ms(40), 1)
    assert (one.clock, one.error_ms, one.shows) == ("network", 20, "hand")


async def test_bytes_that_come_before_the_word_of_them_wait(following: Following) -> None:
    await take(following, blocks(following.crew.sender))
    await keeper(following).step()
    assert await following.desk.rows("SELECT count(*) FROM attachment") == [(6,)]
    await told(following)
    await keeper(following).step()
    assert await words(following) == [(ANN, "received")]


async def test_a_block_or_a_file_that_comes_twice_is_there_once(following: Following) -> None:
    await told(following)
    made = blocks(following.crew.sender)
    await take(following, [*made, *made])
    await take(following, blocks(following.crew.sender))
    assert await following.desk.rows("SELECT count(*), sum(length(data)) FROM attachment") == [(6, len(DATA))]
    bulk = next(row for row in await ledger_table(following.desk.store) if row.lane == "bulk")
    assert (bulk.committed, bulk.duplicated, bulk.resent) == (12, 0, 6)


async def test_the_same_picture_told_twice_of_one_stay_is_one_and_of_two_stays_two(
    following: Following,
) -> None:
    crew = following.crew
    await told(following)
    await following.hear(picture(crew, 61), crew.patient(70, "begin", BEN), picture(crew, 80, BEN))
    await take(following, blocks(crew.sender))
    await keeper(following).step()
    assert await following.desk.rows("SELECT box_stay, state FROM still ORDER BY id") == [
        (ANN, "received"),
        (BEN, "received"),
    ]
    assert await words(following) == [(ANN, "received"), (BEN, "received")]


async def test_another_gateways_word_or_bytes_are_not_those_of_the_vehicles_box(following: Following) -> None:
    await told(following)
    ward = Crew(Sender("ward-a"), "bed-1")
    await take(following, blocks(ward.sender), gateway="ward-a")
    await following.hear(picture(ward, 61, BEN), crew=ward)
    await keeper(following).step()
    assert await following.desk.rows(STATES) == [("coming",)], "its own box has not sent a byte"
    assert await following.problems() == [FOREIGN]
    await take(following, blocks(following.crew.sender))
    await keeper(following).step()
    assert await following.desk.rows(STATES) == [("received",)]


async def test_what_is_not_what_was_told_of_is_never_content(following: Following) -> None:
    await told(following)
    other = bytes(len(DATA))
    await take(following, blocks(following.crew.sender, other, told=digest()))
    await keeper(following).step()
    [one] = await following.desk.store.write(lambda db: stills.of_state(db, "received"))
    assert await following.desk.store.write(lambda db: stills.content(db, one)) is None


async def test_who_is_identified_later_is_known_to_be_misnamed_in_the_archive(following: Following) -> None:
    crew, store = following.crew, following.desk.store
    await following.hear(crew.patient(40, "begin"), picture(crew))
    await take(following, blocks(crew.sender))
    await keeper(following).step()
    [one] = await store.write(lambda db: stills.of_state(db, "received"))
    await store.write(lambda db: stills.move(db, one, "archived", patient_id=one.patient_id))
    assert await store.write(stills.misnamed) == []
    await following.hear(crew.patient(70, "identify", identifier="4711", name="Ann"))
    [same] = await store.write(stills.misnamed)
    assert (same.archived_as, same.patient_id) == (unknown(ANN), "4711")
    await store.write(lambda db: stills.name(db, same, "4711"))
    assert await store.write(stills.misnamed) == []


async def test_the_bytes_go_when_the_archive_has_them_and_the_box_hears_it_again_if_it_sends_them_again(
    following: Following,
) -> None:
    await told(following)
    await take(following, blocks(following.crew.sender))
    await keeper(following).step()
    store = following.desk.store
    [one] = await store.write(lambda db: stills.of_state(db, "received"))
    await store.write(lambda db: stills.move(db, one, "archived", patient_id="4711"))
    assert await following.desk.rows("SELECT count(*) FROM attachment") == [(0,)]
    await take(following, blocks(following.crew.sender)[:2])
    await keeper(following).step()
    assert await words(following) == [(ANN, "archived"), (ANN, "received")]
    assert await following.desk.rows("SELECT count(*) FROM attachment") == [(0,)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), chunk=st.integers(300, 6000))
async def test_in_whatever_order_and_however_often_chunks_come_the_file_is_the_file(
    following: Following, seed: int, chunk: int
) -> None:
    order = random.Random(seed)
    data = order.randbytes(5000)
    crew = following.crew
    stay = f"{order.getrandbits(64):016x}"
    await following.hear(crew.patient(40, "begin", stay), picture(crew, 60, stay, data))
    made = blocks(crew.sender, data, chunk) + blocks(crew.sender, data, 700)
    made += order.choices(made, k=3)
    order.shuffle(made)
    for one in made:
        await take(following, [one])
    await keeper(following).step()
    [still] = [one for one in await received(following) if one.box_stay == stay]
    assert await following.desk.store.write(lambda db: stills.content(db, still)) == data


async def test_chunks_of_which_nobody_tells_go_after_a_month_and_are_counted(following: Following) -> None:
    await told(following)
    other = bytes(3000)
    await take(following, [*blocks(following.crew.sender), *blocks(following.crew.sender, other)])
    now_us, store = following.desk.clock.now_us(), following.desk.store
    assert await store.write(lambda db: stills.drop_strays(db, now_us - 3600 * 1_000_000)) == {}
    assert await store.write(lambda db: stills.drop_strays(db, now_us + 1)) == {"amb-1": 3}
    assert await following.desk.rows("SELECT sum(length(data)) FROM attachment") == [(len(DATA),)]
    counted = "SELECT gateway, value FROM counter WHERE name = 'stray-chunks-dropped'"
    assert await following.desk.rows(counted) == [("amb-1", 3)]


async def received(following: Following) -> list[stills.Still]:
    return await following.desk.store.write(lambda db: stills.of_state(db, "received"))
