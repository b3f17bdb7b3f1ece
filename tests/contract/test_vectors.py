"""The golden messages: every side, in any language, reads and writes these same bytes."""

import hashlib
import json
import math
from collections.abc import Callable
from decimal import Decimal
from importlib import resources
from typing import Any

import pycddl
import pytest

from devices.model.observation import NoValue, Quality, Reading, Waveform
from devices.wire import cose, messages, orders
from devices.wire.block import open_block, plain_records, records_of, seal
from devices.wire.contract import cddl
from devices.wire.records import Attachment, Gap, Opened, pack

VECTORS: dict[str, dict[str, Any]] = {
    vector["name"]: vector
    for vector in json.loads(
        resources.files("devices.wire").joinpath("vectors.json").read_text(encoding="utf-8")
    )
}
READERS: dict[str, Callable[[bytes], Any]] = {
    "birth": messages.read_birth,
    "gateway-state": messages.read_gateway_state,
    "receipt": messages.read_receipt,
    "command": orders.read_command,
    "configuration": orders.read_configuration,
    "signed": cose.read_signed,
    "controller-state": messages.read_controller_state,
    "audit-head": messages.read_audit_head,
}
PACKERS: dict[str, Callable[[Any], bytes]] = {
    "command": orders.pack_command,
    "configuration": orders.pack_configuration,
    "signed": lambda signed: cose.pack_signed(signed.protected, signed.payload, signed.signature),
}


def message(name: str) -> bytes:
    return bytes.fromhex(VECTORS[name]["hex"])


def records(name: str) -> list[Any]:
    (group,) = records_of(*open_block(message(name)))
    return list(group.records)


@pytest.mark.parametrize("name", VECTORS)
def test_each_golden_message_is_as_the_contract_says(name: str) -> None:
    pycddl.Schema(cddl(VECTORS[name]["rule"])).validate_cbor(message(name))
    if VECTORS[name]["rule"] == "block":
        pycddl.Schema(cddl("records")).validate_cbor(plain_records(*open_block(message(name))))


COMPRESSED = [name for name, vector in VECTORS.items() if "compressed" in vector]


@pytest.mark.parametrize("name", [name for name in VECTORS if name not in COMPRESSED])
def test_each_golden_message_is_written_again_byte_for_byte(name: str) -> None:
    data, rule = message(name), VECTORS[name]["rule"]
    if rule == "block":
        header, packed = open_block(data)
        again = seal(header.journal, header.lane, header.number, header.clock, records_of(header, packed))
    else:
        again = PACKERS.get(rule, messages.pack_message)(READERS[rule](data))
    assert again.hex() == data.hex()


@pytest.mark.parametrize("name", COMPRESSED)
def test_what_a_golden_message_has_compressed_is_written_again_byte_for_byte(name: str) -> None:
    header, packed = open_block(message(name))
    assert header.deflated
    written = pack(records_of(header, packed), header.clock.instant)
    assert written.hex() == plain_records(header, packed).hex()


def test_the_golden_readings_say_what_they_should() -> None:
    oximeter, thermometer = records_of(*open_block(message("readings of two devices")))
    assert (oximeter.device, oximeter.location) == ("ox-1", "bed-1")
    assert (thermometer.device, thermometer.location) == ("th-1", None)
    spo2, pulse = oximeter.records
    assert spo2 == Reading("spo2", spo2.at, Decimal(97))
    assert pulse == Reading("pr_spo2", pulse.at, Decimal(72), None, Quality.LOW_PERFUSION)
    assert isinstance(thermometer.records[0], Reading)
    assert thermometer.records[0].value == Decimal("36.65")


def test_the_golden_absence_gives_its_reason_and_no_utc() -> None:
    header, packed = open_block(message("no value, with a reason"))
    (reading,) = records_of(header, packed)[0].records
    assert isinstance(reading, Reading)
    assert (reading.value, reading.reason) == (None, NoValue.SENSOR_OFF)
    assert header.clock.utc_of(reading.at) is None


def test_the_golden_waveform_has_four_samples() -> None:
    (wave,) = records("a waveform")
    assert isinstance(wave, Waveform)
    assert memoryview(wave.samples).cast("h").tolist() == [0, 100, -32768, 32767]
    assert wave.end - wave.at == 4 * 1_000_000_000 // 75


def test_the_golden_deltas_are_the_samples_that_they_say() -> None:
    (wave,) = records("a waveform in deltas")
    assert isinstance(wave, Waveform)
    assert memoryview(wave.samples).cast("h").tolist() == [1000, 1003, 1008, 1000, -32768, 1010, 1011, 1011]


def test_the_golden_compressed_waveforms_are_those_of_two_monitors() -> None:
    groups = records_of(*open_block(message("compressed waveforms")))
    assert [(group.device, group.location) for group in groups] == [("mon-1", "bed-1"), ("mon-2", "bed-2")]
    for n, group in enumerate(groups, 1):
        ecg, pleth = group.records
        assert isinstance(ecg, Waveform)
        assert isinstance(pleth, Waveform)
        heart = [n + round(8 * math.sin(i / 5)) + 300 * (i == 12) for i in range(25)]
        assert memoryview(ecg.samples).cast("h").tolist() == heart
        assert memoryview(pleth.samples).cast("h").tolist() == [500 + n * i for i in range(25)]


def test_the_golden_chunk_is_the_last_of_a_file_of_eleven_bytes() -> None:
    (chunk,) = records("a chunk of a picture")
    assert isinstance(chunk, Attachment)
    assert chunk.digest == hashlib.sha256(b"hello world").digest()
    assert (chunk.size, chunk.offset, chunk.data) == (11, 6, b"world")


def test_the_golden_gap_and_opening_name_the_numbers() -> None:
    (gap,) = records("blocks given up")
    (opened,) = records("a journal begins")
    assert isinstance(gap, Gap)
    assert isinstance(opened, Opened)
    assert gap.ranges == ((5, 9), (11, 11))
    assert list(opened.ended.values()) == [(3, 900, 120, 0)]
