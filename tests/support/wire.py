"""Hypothesis strategies for everything that travels."""

import struct
from collections.abc import Iterable
from decimal import Decimal
from itertools import accumulate

from hypothesis import strategies as st

from devices.model.identity import NAME_PATTERN, DeviceId, LocationId
from devices.model.metrics import METRICS
from devices.model.observation import (
    Alert,
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Priority,
    Quality,
    Reading,
    Waveform,
)
from devices.wire.block import BlockClock, Lane, Sync
from devices.wire.keys import MAX_CHUNK
from devices.wire.messages import (
    AuditHead,
    Birth,
    BirthDevice,
    ControllerState,
    GatewayState,
    Receipt,
)
from devices.wire.orders import Command, Configuration
from devices.wire.records import AnyRecord, Attachment, Gap, Group, Opened


def _int16(values: Iterable[int]) -> bytes:
    return b"".join(struct.pack("<h", value) for value in values)


BASE = Instant(10_000_000_000)
"""The instant of `clocks()`: records lie around it."""

names = st.from_regex(NAME_PATTERN, fullmatch=True)
metrics = st.sampled_from(sorted(METRICS))
instants = st.integers(-5_000_000, 5_000_000).map(lambda us: Instant(BASE + us * 1000))
qualities = st.integers(0, 255).map(Quality)
decimals = st.builds(lambda m, e: Decimal(m).scaleb(e), st.integers(-(2**31), 2**31), st.integers(-12, 12))
details = st.dictionaries(
    st.text(max_size=12), st.text(max_size=12) | st.integers(-(2**40), 2**40), max_size=4
)
journals = st.binary(min_size=8, max_size=8)
boots = st.binary(min_size=16, max_size=16)
counts = st.lists(st.integers(0, 2**40), min_size=4, max_size=4).map(tuple)
ranges = st.lists(
    st.tuples(st.integers(0, 2**40), st.integers(0, 1000)).map(lambda p: (p[0], p[0] + p[1])), max_size=4
).map(tuple)
codes = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=20)

readings = st.builds(Reading, metrics, instants, decimals, st.none(), qualities) | st.builds(
    Reading, metrics, instants, st.none(), st.sampled_from(NoValue), qualities
)
_firsts = st.integers(-20_000, 20_000)
_steps = st.lists(st.integers(-90, 90), max_size=60) | st.lists(st.integers(-200, 200), max_size=60)
_bent = st.builds(lambda first, steps: _int16(accumulate(steps, initial=first)), _firsts, _steps)
_noise = st.binary(max_size=100).map(lambda b: b[: len(b) // 2 * 2])
samples = _bent | _noise
"""int16, little-endian: a wave that wanders, or noise."""
waveforms = st.builds(
    Waveform,
    metrics,
    instants,
    st.integers(1, 1_000_000),
    samples,
    decimals,
    decimals,
    qualities,
)
events = st.builds(DeviceEvent, st.sampled_from(EventKind), instants, details)
alerts = st.builds(Alert, codes, instants, st.sampled_from(Priority), st.booleans(), details)
gaps = st.builds(
    Gap, instants, journals, st.sampled_from(Lane).map(int), ranges, boots, instants, instants, codes
)
opened = st.builds(Opened, instants, st.dictionaries(journals, counts, max_size=3))
attachments = st.builds(
    Attachment,
    instants,
    st.binary(min_size=32, max_size=32),
    st.integers(1, 2**32 - 1),
    st.integers(0, 2**40),
    st.binary(min_size=1, max_size=100) | st.just(bytes(MAX_CHUNK)),
)
records: st.SearchStrategy[AnyRecord] = st.one_of(
    readings, waveforms, events, alerts, gaps, opened, attachments
)
groups = st.builds(
    Group,
    st.none() | names.map(DeviceId),
    st.none() | names.map(LocationId),
    st.lists(records, min_size=1, max_size=5),
)
clocks = st.builds(
    BlockClock,
    boots,
    st.just(BASE // 1000),
    st.none() | st.integers(0, 2**52),
    st.sampled_from(Sync),
    st.none() | st.integers(0, 2**40),
)

births = st.builds(
    Birth,
    journals,
    st.text(min_size=1, max_size=20),
    st.lists(
        st.builds(BirthDevice, names, codes, st.none() | names, st.lists(metrics, max_size=5).map(tuple)),
        max_size=3,
    ).map(tuple),
)
gateway_states = st.builds(
    GatewayState,
    st.booleans(),
    journals,
    st.none() | clocks,
    counts,
    counts,
    st.lists(st.none() | st.integers(0, 2**50), min_size=4, max_size=4).map(tuple),
    st.dictionaries(codes, st.integers(0, 2**40), max_size=3),
)
receipts = st.builds(Receipt, journals, st.sampled_from(Lane), ranges, ranges)
_utcs = st.integers(0, 2**60)
_issuers = st.text(min_size=1, max_size=20)
commands = st.builds(
    Command, st.binary(min_size=16, max_size=16), codes, details, names, _issuers, _utcs, _utcs
)
configurations = st.builds(Configuration, names, st.integers(1, 2**53 - 1), _issuers, _utcs, details)
controller_states = st.builds(ControllerState, st.booleans(), journals, st.integers(-(2**50), 2**52))
audit_heads = st.builds(
    AuditHead, st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=300)
)
