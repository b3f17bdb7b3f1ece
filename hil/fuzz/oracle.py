"""What must hold whatever a codec is fed: it never raises, stays small, its timers end, its words are known.

endure(profile, chunks)      # raises Broken
"""

import gc
import sys
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

from devices.capture import Chunk, codecs_of, settle
from devices.codecs import Codec, Said
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform
from devices.profiles import AnyLink, Profile
from devices.wire.records import Group, pack
from hil.errors import Broken

MOST_BYTES = 400_000
"""Of memory, that the codecs of one connection may hold."""
_MOST_OWED = 20_000
_MOST_TIMERS = 50
_REASONS = {"checksum", "framing", "length", "range"}
_SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)


def endure(profile: Profile, chunks: Iterable[Chunk]) -> list[Said]:
    """Feed `chunks` to fresh codecs of `profile`; what they said. Raises Broken, and what a codec raises."""
    return endure_link(profile.link, chunks)


def endure_link(link: AnyLink, chunks: Iterable[Chunk]) -> list[Said]:
    """The same for a link."""
    codecs = codecs_of(link)
    shared = _size(list(codecs_of(link).values()))
    said: list[Said] = []
    for chunk in chunks:
        codec = codecs.get(chunk.source)
        if codec is not None:
            said += _timers(codecs.values(), chunk.at)
            said += codec.receive_data(chunk.data, chunk.at)
            _check_owed(codec, chunk.at)
    _check_size(codecs, shared)
    for one in said:
        _check_said(one)
    return said


def _timers(codecs: Iterable[Codec], now: Instant) -> list[Said]:
    said: list[Said] = []
    for codec in codecs:
        for _ in range(_MOST_TIMERS):
            due = codec.next_timer()
            if due is None or due > now:
                break
            said += codec.handle_timer(now)
            _check_owed(codec, now)
        else:
            raise Broken(f"{type(codec).__name__}: its timer rings for ever")
    return said


def _check_owed(codec: Codec, now: Instant) -> None:
    owed = len(codec.data_to_send())
    if owed > _MOST_OWED:
        raise Broken(f"{type(codec).__name__} owes its device {owed} bytes at once")
    settle(codec, now)


def _check_size(codecs: dict[str | None, Codec], shared: int) -> None:
    size = _size(list(codecs.values())) - shared
    if size > MOST_BYTES:
        raise Broken(f"the codecs hold {size} bytes: {[type(codec).__name__ for codec in codecs.values()]}")


def _size(root: object) -> int:
    """Bytes of everything that `root` holds; code and classes do not count."""
    seen: set[int] = set()
    pending, total = [root], 0
    while pending:
        one = pending.pop()
        if id(one) not in seen and not isinstance(one, _SHARED):
            seen.add(id(one))
            total += sys.getsizeof(one)
            pending += gc.get_referents(one)
    return total


def _check_said(said: Said) -> None:
    """It can be written to the journal, and it is of the model's vocabulary."""
    match said:
        case Reading() | Waveform() if said.metric not in METRICS:
            raise Broken(f"no metric is called {said.metric!r}")
        case Reading(value=value) if value is not None and not value.is_finite():
            raise Broken(f"{said.metric} is {value}")
        case DeviceEvent(kind=EventKind.BAD_BYTES, detail=detail) if not set(detail) <= _REASONS:
            raise Broken(f"bad bytes are counted by {sorted(_REASONS)}, not by {sorted(detail)}")
        case DeviceEvent(detail=detail) if not all(type(part) in (str, int) for part in detail.values()):
            raise Broken(f"{said.kind}: a detail is a text or an integer: {dict(detail)!r:.200}")
        case _:
            pass
    pack([Group(None, None, [said])], said.at)
