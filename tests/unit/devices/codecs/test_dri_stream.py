"""A serial log of an S/5 monitor: device to host only, cut anywhere, with flags shared or doubled."""

from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.capture import decoded
from devices.codecs import Said
from devices.model.observation import DeviceEvent, EventKind, Reading, Waveform
from devices.profiles import profile
from hil.sims.loopback import converse
from hil.sims.models.ge_s5 import S5Monitor
from hil.sims.patient import Patient

GE = profile("ge-s5")
FLAG = b"\x7e"


@cache
def frames() -> tuple[bytes, ...]:
    """What a simulated monitor sent in 25 s, flags taken off."""
    talk = converse(GE.link, S5Monitor(Patient(3)), seconds=25)
    return tuple(chunk.data.strip(FLAG) for chunk in talk.chunks)


def log(first: int = 0) -> bytes:
    return b"".join(FLAG + frame + FLAG for frame in frames()[first:])


def said(stream: bytes) -> list[Said]:
    return list(decoded(GE, stream))


def readings(heard: list[Said]) -> list[tuple[str, Decimal | None]]:
    return [(one.metric, one.value) for one in heard if isinstance(one, Reading)]


def samples(heard: list[Said]) -> list[tuple[str, bytes]]:
    return [(one.metric, one.samples) for one in heard if isinstance(one, Waveform)]


def bad(heard: list[Said]) -> dict[str, int]:
    events = [one for one in heard if isinstance(one, DeviceEvent) and one.kind is EventKind.BAD_BYTES]
    return {reason: int(n) for one in events for reason, n in one.detail.items()}


def test_a_log_without_times_says_what_the_monitor_said() -> None:
    heard = said(log())
    talk = converse(GE.link, S5Monitor(Patient(3)), seconds=25)
    assert readings(heard) == readings(talk.said)
    assert samples(heard) == samples(talk.said)
    assert bad(heard) == {}


def test_frames_may_share_their_flag_or_have_two_between_them_or_more() -> None:
    expected = readings(said(log()))
    for between in (FLAG, FLAG * 2, FLAG * 5):
        assert readings(said(between + between.join(frames()) + between)) == expected


def test_a_last_frame_whose_flag_has_not_come_yet_is_waited_for() -> None:
    whole = log()
    assert len(samples(said(whole[:-1]))) < len(samples(said(whole)))
    assert bad(said(whole[:-1])) == {}


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_a_log_that_begins_within_a_frame_costs_that_frame(data: st.DataObject) -> None:
    cut = data.draw(st.integers(2, len(frames()[0])))
    heard = said(log()[cut:])
    assert readings(heard) == readings(said(log(1)))
    assert sum(bad(heard).values()) == 1


@pytest.mark.parametrize("rubbish", [b"\x00" * 5000, bytes(range(0x7D)) * 40, b"\r\nlogin: \r\n", b"\x7d"])
def test_rubbish_before_the_first_frame_costs_no_frame(rubbish: bytes) -> None:
    heard = said(rubbish + log())
    assert readings(heard) == readings(said(log()))
    assert sum(bad(heard).values()) == 1


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_bytes_that_are_lost_or_doubled_invent_no_value(data: st.DataObject) -> None:
    stream = bytearray(log())
    for _ in range(data.draw(st.integers(1, 4))):
        at, size = data.draw(st.integers(0, len(stream) - 1)), data.draw(st.integers(1, 700))
        if data.draw(st.booleans()):
            del stream[at : at + size]
        else:
            stream[at:at] = stream[at : at + size]
    got = {one for one in readings(said(bytes(stream))) if one[1] is not None}
    assert got <= set(readings(said(log())))


def test_a_log_of_both_directions_says_the_same() -> None:
    """A host's requests are records, too, and ask for what is said anyway."""
    asked = GE.link.codec().data_to_send()  # type: ignore[union-attr]
    heard = said(asked + log())
    assert readings(heard) == readings(said(log()))


def test_waveforms_of_a_log_have_their_rate_and_meet_to_half_a_percent() -> None:
    waves = [one for one in said(log()) if isinstance(one, Waveform) and one.metric == "ecg_ii"]
    assert len(waves) > 20
    assert {(one.rate_mhz, len(one)) for one in waves} == {(300_000, 300)}
    assert all(abs(after.at - before.end) <= 5_100_000 for before, after in pairwise(waves))
