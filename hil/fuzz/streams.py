"""What each device really sends: by its captures, and by its simulator talking in memory."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

from devices.capture import Chunk, chunks, codecs_of
from devices.model.observation import Instant
from devices.profiles import Profile
from devices.replay import served
from hil.sims.loopback import can_converse, converse
from hil.sims.patient import Patient
from hil.sims.simulated import simulators

CAPTURES = Path(__file__).parents[2] / "tests" / "captures"
_SEED = 3
_MOST_BYTES = 4096


@cache
def streams(profile: Profile, seconds: float = 3.0) -> Sequence[Sequence[Chunk]]:
    """The device's streams, at most 4 kB of each; noise for a model that has no capture and needs a radio."""
    found = [*_recorded(profile), *_simulated(profile, seconds)]
    return [_shortened(stream) for stream in found or [_noise(profile)]]


def _recorded(profile: Profile) -> Iterator[list[Chunk]]:
    for path in sorted(CAPTURES.glob("*.json")):
        if profile.name in served(json.loads(path.read_text(encoding="utf-8"))):
            text = path.with_suffix(".txt")
            content = (text if text.exists() else path.with_suffix(".bin")).read_bytes()
            yield list(chunks(profile.link, content))


def _simulated(profile: Profile, seconds: float) -> Iterator[list[Chunk]]:
    maker = simulators().get(profile.name)
    sim = maker(Patient(_SEED)) if maker else None
    if sim and can_converse(sim):
        yield converse(profile.link, sim, seconds).chunks


def _noise(profile: Profile) -> list[Chunk]:
    random, sources = Random(_SEED), list(codecs_of(profile.link))
    return [
        Chunk(Instant(n * 1_000_000_000), random.choice(sources), random.randbytes(random.randint(1, 20)))
        for n in range(40)
    ]


def _shortened(stream: Sequence[Chunk]) -> list[Chunk]:
    size, kept = 0, list[Chunk]()
    for chunk in stream:
        size += len(chunk.data)
        if size > _MOST_BYTES and kept:
            break
        kept.append(Chunk(Instant(chunk.at), chunk.source, chunk.data))
    return kept
