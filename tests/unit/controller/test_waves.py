"""Waveforms are stored and shown as int16, however a gateway wrote them."""

import json
import math
import struct
from base64 import b64decode
from typing import Any

import cbor2

from controller.api.events import as_text
from devices.model.observation import Instant, Waveform
from devices.wire.block import Lane, open_block
from devices.wire.checksum import crc32c
from devices.wire.deflate import deflate
from devices.wire.messages import read_receipt
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk

SMOOTH = struct.pack("<125h", *(round(900 * math.sin(i / 9)) for i in range(125)))


def wave(samples: bytes = SMOOTH) -> Waveform:
    return Waveform("ecg_ii", Instant(9_750_000_000), 500_000, samples)


def with_records(block: bytes, records: bytes, changes: dict[int, Any]) -> bytes:
    header = cbor2.dumps(cbor2.loads(cbor2.loads(block)[0]) | changes)
    return cbor2.dumps([header, records, crc32c(header + records)])


def plain(block: bytes) -> bytes:
    """The block as a gateway sent it before there were deltas: int16 under tag 77, nothing compressed."""
    record = [2, 43, -250_000, 500_000, [1, 0], [0, 0], cbor2.CBORTag(77, SMOOTH), 0]
    return with_records(block, cbor2.dumps([{1: "ox-1", 2: None, 3: [record]}]), {6: False})


async def stored(desk: Desk) -> list[tuple[object, ...]]:
    return await desk.rows(
        "SELECT metric, mono_us, rate_mhz, samples FROM waveform JOIN series ON series.id = series"
    )


async def test_compressed_deltas_are_stored_as_int16(desk: Desk) -> None:
    block = Sender().block(wave(), wave(), lane=Lane.WAVE)
    assert open_block(block)[0].deflated
    await desk.take(block, what="wave")
    assert await stored(desk) == [("ecg_ii", 9_750_000, 500_000, SMOOTH)] * 2


async def test_an_older_gateways_plain_samples_are_stored_alike(desk: Desk) -> None:
    block = plain(Sender().block(wave(), lane=Lane.WAVE))
    await desk.take(block, what="wave")
    assert await stored(desk) == [("ecg_ii", 9_750_000, 500_000, SMOOTH)]


async def test_the_screens_get_the_same_samples(desk: Desk) -> None:
    events = desk.hub.subscribe()
    await desk.take(Sender().block(wave(), wave(), lane=Lane.WAVE), what="wave")
    events.close()
    [told] = [as_text(event) async for event in events if event.kind == "wave"]
    items = json.loads(told.split(b"data: ")[1])["items"]
    assert [b64decode(item["samples"]) for item in items] == [SMOOTH] * 2


async def test_a_bomb_is_quarantined_whole_and_receipted(desk: Desk) -> None:
    sender = Sender()
    bomb = with_records(sender.block(wave(), lane=Lane.WAVE), deflate(bytes(20_000_000)), {6: True})
    await desk.take(bomb, what="wave")
    assert await stored(desk) == []
    assert await desk.rows("SELECT payload, number FROM quarantine") == [(bomb, 0)]
    [receipt] = [read_receipt(data) for topic, data in desk.sent if topic.endswith("/receipt")]
    assert receipt.quarantined == ((0, 0),)
