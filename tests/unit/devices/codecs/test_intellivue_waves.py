"""IntelliVue's waveforms: samples that meet, in the metric's unit, told once, none dropped in silence."""

import struct
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from devices.codecs import Said
from devices.codecs.ieee11073 import encode_float
from devices.codecs.intellivue import message, values
from devices.codecs.intellivue.message import Observation, Polled
from devices.codecs.intellivue.monitor import Monitor
from devices.codecs.intellivue.values import Samples, State
from devices.codecs.intellivue.waves import static
from devices.model.observation import NO_SAMPLE, Instant, Waveform, later
from tests.support.captures import briefly

NOW = Instant(1_000_000_000_000)
TICKS = 80_000_000
MV, KPA, MMHG, SECONDS = 4274, 3843, 3872, 2176


def heard(*datagrams: bytes) -> list[Said]:
    codec = Monitor()
    return [one for datagram in datagrams for one in codec.receive_data(datagram, NOW)]


def brief(*datagrams: bytes) -> list[Any]:
    return briefly(heard(*datagrams))


def waveforms(said: Sequence[Said]) -> list[Waveform]:
    return [one for one in said if isinstance(one, Waveform)]


def samples_of(one: Waveform) -> list[int]:
    return list(memoryview(one.samples).cast("h"))


def unmapped(code: int, text: str = "") -> list[Any]:
    detail = {"code": str(code), "system": "Philips-NOM", "value": "waveform"}
    return ["unmapped", detail | ({"text": text} if text else {})]


ECG_SCALE = bytes.fromhex("fefff000fd009ffb00003fff")


def wave(code: int, samples: Sequence[int], ticks: int = TICKS, **attributes: Any) -> bytes:
    packed = struct.pack(f">{len(samples)}H", *samples)
    given: Mapping[int, bytes] = attributes.get("static", {})
    shown = Samples(code, attributes.get("state", 0), packed).encode()
    observation = Observation(1, 5, {**given, values.SAMPLES: shown})
    return message.result(7, Polled(message.WAVE, ticks, [observation]))


def test_a_waveform_s_samples_are_scaled_as_its_object_said_before() -> None:
    told = static(ECG_SCALE, 128, 14, 16)
    said = heard(wave(258, [0, 8192, 16383] * 40, static=told), wave(258, [8192], TICKS + 2048))
    first, second = (one for one in said if isinstance(one, Waveform))
    assert (first.metric, first.scale, first.offset) == ("ecg_ii", Decimal("0.005"), Decimal("-40.96"))
    assert 16383 * first.scale + first.offset == Decimal("40.955")
    assert len(second) == 1


def test_bits_above_the_significant_ones_are_no_part_of_a_sample() -> None:
    (said,) = heard(wave(258, [0x8000 | 8192] * 128, static=static(ECG_SCALE, 128, 14, 16)))
    assert isinstance(said, Waveform)
    assert set(memoryview(said.samples).cast("h")) == {8192}


def test_without_such_marks_a_sample_may_exceed_its_significant_bits() -> None:
    """A recorded ABP has 13 significant bits, flags A000, and a scale up to 23A0."""
    told = {
        values.SAMPLE_ARRAY: bytes.fromhex("0020100da000"),
        values.SAMPLE_PERIOD: bytes.fromhex("00000040"),
        values.SCALE_AND_RANGE: bytes.fromhex("00ffffd80000020800a023a0"),
    }
    (said,) = heard(wave(18964, [0x23A0] * 32, static=told))
    assert isinstance(said, Waveform)
    assert {n * said.scale + said.offset for n in memoryview(said.samples).cast("h")} == {520}


def test_a_sample_with_its_object_s_invalid_mask_is_none() -> None:
    fixed = {values.FIXED_VALUES: message.listed([bytes.fromhex("00014000"), bytes.fromhex("00028004")])}
    told = {**static(ECG_SCALE, 3, 14, 16), **fixed}
    (said,) = heard(wave(258, [8192, 0x4000 | 8192, 0x8004 | 8192], static=told))
    assert isinstance(said, Waveform)
    assert list(memoryview(said.samples).cast("h")) == [8192, NO_SAMPLE, 8196]


def test_samples_of_16_bits_keep_their_value() -> None:
    scale = encode_float(Decimal(0))[::-1] + encode_float(Decimal(65535))[::-1] + bytes.fromhex("0000ffff")
    (said,) = heard(wave(19380, [1, 32768, 65535], static=static(scale, 3, 16, 64)))
    assert isinstance(said, Waveform)
    assert [n * said.scale + said.offset for n in memoryview(said.samples).cast("h")] == [1, 32768, 65535]


def test_samples_of_an_invalid_wave_are_none() -> None:
    told = static(ECG_SCALE, 4, 14, 16)
    (said,) = heard(wave(258, [1, 2, 3, 4], static=told, state=State.INVALID))
    assert isinstance(said, Waveform)
    assert set(memoryview(said.samples).cast("h")) == {NO_SAMPLE}


def test_a_wave_of_a_kind_without_a_metric_is_told_once() -> None:
    told = static(ECG_SCALE, 2, 14, 16)
    assert brief(*[wave(331, [1, 2], static=told)] * 2) == [unmapped(331)]


def test_waves_that_follow_each_other_meet() -> None:
    codec = Monitor()
    told = static(ECG_SCALE, 128, 14, 16)
    said: list[Said] = []
    for n, late in enumerate((0.0, 0.05, 0.01, 0.03)):
        datagram = wave(258, [8192] * 128, TICKS + 2048 * n, static=told)
        said += codec.receive_data(datagram, later(NOW, n * 0.256 + late))
    found = [one for one in said if isinstance(one, Waveform)]
    assert all(abs(after.at - before.end) < 10_000_000 for before, after in pairwise(found))


@pytest.mark.parametrize("line", ["7f000001000000000000ffff", "007ffff07f7ffff000000001"])
def test_a_scale_of_an_impossible_size_is_bad_bytes(line: str) -> None:
    told = static(bytes.fromhex(line.ljust(24, "0")), 128, 14, 16)
    assert brief(wave(258, [1] * 128, static=told)) == [["bad-bytes", {"range": 1}]]


def test_a_rate_that_cannot_be_is_bad_bytes() -> None:
    told = {**static(ECG_SCALE, 128, 14, 16), values.SAMPLE_PERIOD: b"\xff\xff\xff\xff"}
    assert brief(wave(258, [1] * 128, static=told)) == [["bad-bytes", {"range": 1}]]


def test_samples_before_their_scale_are_told_once_and_given_from_then_on() -> None:
    told = static(ECG_SCALE, 4, 14, 16)
    early, scaled = wave(258, [1, 2, 3, 4]), wave(258, [5, 6, 7, 8], TICKS + 64, static=told)
    assert brief(early, early, scaled) == [unmapped(258, "no scale"), ["ecg_ii", 4]]


def test_a_wave_that_should_have_a_unit_is_not_given_without_a_line_and_a_pleth_is() -> None:
    none = static(bytes.fromhex("007fffff007fffff00000fff"), 2, 12, 64)
    told = {number: none[number] for number in (values.SAMPLE_ARRAY, values.SAMPLE_PERIOD)}
    assert brief(wave(258, [1, 2], static=told)) == [unmapped(258, "no scale in a known unit")]
    assert brief(wave(258, [1, 2], static=none)) == [unmapped(258, "no scale in a known unit")]
    assert brief(wave(19380, [1, 2], static=none)) == [["pleth", 2]]


def test_a_wave_in_another_unit_is_converted_into_the_metric_s() -> None:
    """A monitor may be set to kPa."""
    scale = encode_float(Decimal(0))[::-1] + encode_float(Decimal(40))[::-1] + bytes.fromhex("00000fa0")
    told = {**static(scale, 2, 12, 16), values.UNIT: KPA.to_bytes(2, "big")}
    (said,) = waveforms(heard(wave(20652, [0, 500], static=told)))
    assert [round(n * said.scale + said.offset, 3) for n in samples_of(said)] == [0, Decimal("37.503")]


@pytest.mark.parametrize(("unit", "known"), [(MV, True), (MMHG, False), (SECONDS, False)])
def test_a_wave_in_a_unit_that_cannot_become_the_metric_s_is_not_given(unit: int, known: bool) -> None:
    told = {**static(ECG_SCALE, 2, 14, 16), values.UNIT: unit.to_bytes(2, "big")}
    expected = ["ecg_ii", 2] if known else unmapped(258, "no scale in a known unit")
    assert brief(wave(258, [1, 2], static=told)) == [expected]


def test_a_wave_of_62_5_hz_has_that_rate_from_its_first_samples_on() -> None:
    told = static(bytes.fromhex("fffffffaff00001300000fff"), 16, 12, 128)
    (said,) = waveforms(heard(wave(20480, [7] * 16, static=told)))
    assert said.rate_mhz == 62_500
    assert abs(said.end - NOW - 16_000_000) < 10


def test_a_datagram_that_comes_twice_is_told_once() -> None:
    told = static(ECG_SCALE, 4, 14, 16)
    first, other = wave(258, [1, 2, 3, 4], static=told), wave(258, [1, 2, 3, 5], static=told)
    assert [samples_of(one) for one in waveforms(heard(first, first, other))] == [[1, 2, 3, 4], [1, 2, 3, 5]]


def test_a_lead_that_comes_alone_and_with_others_is_told_once() -> None:
    alone, other = Samples(258, 0, struct.pack(">4H", 1, 2, 3, 4)), Samples(323, 0, bytes(8))
    told = static(ECG_SCALE, 4, 14, 16)
    both = message.listed([alone.encode(), other.encode()])
    compound = Observation(1, 5, {**told, values.SAMPLES_OF_SEVERAL: both})
    single = Observation(1, 6, {**told, values.SAMPLES: alone.encode()})
    in_one = message.result(7, Polled(message.WAVE, TICKS, [compound, single]))
    parts = [message.result(7, Polled(message.WAVE, TICKS, [one])) for one in (compound, single)]
    assert brief(in_one) == brief(*parts) == [["ecg_ii", 4], ["ecg_v", 4]]


def test_two_objects_under_one_handle_keep_their_own_rates() -> None:
    """Seen in jaj42/intellipy's recording: three leads at 250 Hz, and lead I at 500 Hz."""
    slow = {**static(ECG_SCALE, 64, 14, 32), values.SAMPLES: Samples(258, 0, bytes(128)).encode()}
    fast = {**static(ECG_SCALE, 128, 14, 16), values.SAMPLES: Samples(257, 0, bytes(256)).encode()}
    shown = [Observation(1, 5, slow), Observation(1, 5, fast)]
    said = waveforms(heard(message.result(7, Polled(message.WAVE, TICKS, shown))))
    assert [(one.metric, one.rate_mhz) for one in said] == [("ecg_ii", 250_000), ("ecg_i", 500_000)]


def test_an_object_without_samples_says_nothing() -> None:
    assert heard(wave(258, [], static=static(ECG_SCALE, 4, 14, 16))) == []
