"""Kinds of faults, each brought about on a rig and ended again; how it is known that it happened, in words.

for kind in kinds_for(rig.features):
    known = kind.bring(rig, random)        # "" if it did not fire: such a round does not count
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from hil.errors import NotReady
from hil.faults.wan import PERFECT, Conditions
from hil.rig.ledger import Ledger
from hil.rig.qtest import BUTTON_A
from hil.rig.rig import Rig, now_us
from hil.rig.site import until

_SHORT_S, _LONG_S = 0.6, 8.0
"""How long a fault lasts, and how long it is waited for until it has shown."""
_LEAST = 4
"""Damages of the line that make a round."""
_SLOWER = (9600, 38400, 57600, 230400)
_FAILED, _INVALID = 10, 11
_REASONS = {_FAILED: "the sensor failed", _INVALID: "it was damaged"}
_SAID = {
    "up-cut": "bytes of the node went nowhere",
    "up-dropped": "bytes of the node were dropped",
    "up-flipped": "bytes of the node had a bit turned over",
    "up-spliced": "pieces of earlier traffic were put in",
    "up-delayed": "bytes of the node came late",
    "up-held": "bytes of the node were held",
    "up-garbled": "bytes of the node were sent at another rate than the gateway's",
    "up-lost": "packets of the gateway were lost",
    "up-blacked-out": "packets of the gateway went nowhere",
}
"""What is counted (hil/rig/line.py, hil/faults/wan_process.py), for people."""
_VALUES = tuple(range(3600, 3900, 7))
Bring = Callable[[Rig, Random], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """`needs`: the features without which a rig cannot bring it about."""

    name: str
    needs: frozenset[str]
    bring: Bring


def kinds_for(features: frozenset[str]) -> Sequence[Kind]:
    """Those that such a rig can bring about."""
    return [one for one in KINDS if one.needs <= features]


def _reset_in_mid_frame(rig: Rig, rng: Random) -> str:
    cut = _cut_in_frame(rig, rng)
    boot = rig.heard.boot
    rig.reset()
    rig.cable.heal()
    return _and(cut, _begun_anew(rig, boot))


def _brown_out(rig: Rig, rng: Random) -> str:
    cut = _cut_in_frame(rig, rng)
    boot = rig.heard.boot
    ended = rig.node.cut()
    rig.cable.drain()
    time.sleep(rng.uniform(0.1, 0.5))
    rig.node.on()
    rig.cable.heal()
    return _and(cut, ended, _begun_anew(rig, boot))


def _cut_in_frame(rig: Rig, rng: Random) -> str:
    """Let the line go dead in the middle of a frame, at a byte that the seed says."""
    after = rng.randint(1, 40)
    rig.cable.trap(after)
    return f"the line went dead after {after} bytes of a frame" if rig.cable.sprung.wait(_LONG_S) else ""


def _begun_anew(rig: Rig, before: int) -> str:
    with suppress(NotReady):
        until("the node says another boot", lambda: rig.heard.boot > before, 2 * _LONG_S)
    return f"boot {before} became {rig.heard.boot}" if rig.heard.boot > before else ""


def _line_cut(rig: Rig, rng: Random) -> str:
    for line in (rig.cable.up, rig.cable.down):
        line.is_cut = True
    return _damaged(rig, "up-cut", 40, rng.uniform(0.4, 1.2))


def _cable_pulled(rig: Rig, rng: Random) -> str:
    before = rig.ledger.mark().event
    rig.cable.pull()
    time.sleep(rng.uniform(0.3, 1.0))
    rig.cable.plug()
    return _event(rig, before, "port-vanished")


def _bytes_dropped(rig: Rig, rng: Random) -> str:
    rig.cable.up.drop_in = rig.cable.down.drop_in = rng.randint(20, 60)
    return _damaged(rig, "up-dropped", _LEAST)


def _bits_flipped(rig: Rig, rng: Random) -> str:
    rig.cable.up.flip_in = rig.cable.down.flip_in = rng.randint(20, 60)
    return _damaged(rig, "up-flipped", _LEAST)


def _spliced(rig: Rig, rng: Random) -> str:
    rig.cable.up.splice_in = rng.randint(20, 60)
    return _damaged(rig, "up-spliced", _LEAST)


def _delayed(rig: Rig, rng: Random) -> str:
    rig.cable.up.delay_s = rig.cable.down.delay_s = rng.uniform(0.4, 1.2)
    return _damaged(rig, "up-delayed", 100)


def _held(rig: Rig, rng: Random) -> str:
    rig.cable.up.is_held = True
    return _damaged(rig, "up-held", 100, rng.uniform(0.4, 1.2))


def _flooded(rig: Rig, rng: Random) -> str:
    before = rig.cable.counts()["up-injected"]
    for _ in range(30):
        rig.cable.flood(rng.randbytes(1000))
        time.sleep(0.03)
    return f"{rig.cable.counts()['up-injected'] - before} bytes came that no node sent"


def _other_rate(rig: Rig, rng: Random) -> str:
    baud = rng.choice(_SLOWER)
    rig.cable.up.heard_baud = rig.cable.down.heard_baud = baud
    return _and(_damaged(rig, "up-garbled", 40), f"heard at {baud} baud")


def _stuck(rig: Rig, rng: Random) -> str:
    assert rig.qtest is not None
    before = rig.ledger.mark().reading
    with rig.player.repeat(_VALUES, 20):
        rig.qtest.set_pin(BUTTON_A, 0)
        known = _no_value(rig, before, _FAILED)
        rig.qtest.set_pin(BUTTON_A, 1)
    return known


def _bit_in_ram(rig: Rig, rng: Random) -> str:
    assert rig.qtest is not None
    before = rig.ledger.mark().reading
    flipped = rig.qtest.flip(rng.randrange(16))
    known = _and(flipped, _no_value(rig, before, _INVALID))
    rig.player.drive(rng.choice(_VALUES))
    return known


def _no_value(rig: Rig, after: int, reason: int) -> str:
    """The readings without a value, with their reason, that the ledger has."""

    def found() -> int:
        return sum(one.value is None and one.reason == reason for one in rig.ledger.values(after))

    with suppress(NotReady):
        until("the ledger has readings without a value", lambda: found() >= _LEAST, _LONG_S)
    said = f"{found()} readings came without a value: {_REASONS[reason]}"
    return said if found() >= _LEAST else ""


def _frozen(rig: Rig, rng: Random) -> str:
    """The node's clock loses the time that it stands."""
    frozen_s = rng.uniform(0.5, 1.5)
    known = rig.node.freeze()  # pyright: ignore[reportAttributeAccessIssue] - the feature says that it can
    time.sleep(0.1)  # what was on its way has come
    frames = rig.heard.frames
    time.sleep(frozen_s)
    stood = rig.heard.frames == frames
    rig.node.thaw()  # pyright: ignore[reportAttributeAccessIssue]
    return _and(known, f"for {frozen_s:.1f} s nothing came" if stood else "")


def _killed(part: str) -> Bring:
    def bring(rig: Rig, rng: Random) -> str:
        time.sleep(rng.uniform(0.1, 0.8))
        victim = getattr(rig, part)
        known = victim.kill()
        victim.start()
        return known

    return bring


def _stopped(part: str) -> Bring:
    def bring(rig: Rig, rng: Random) -> str:
        victim = getattr(rig, part)
        known = victim.freeze()
        time.sleep(rng.uniform(0.5, 1.5))
        victim.thaw()
        return known

    return bring


def _network(conditions: Conditions, count: str, least: int) -> Bring:
    def bring(rig: Rig, rng: Random) -> str:
        network = rig.network
        assert network is not None
        before = network.counts()
        network.set(conditions)
        time.sleep(rng.uniform(0.8, 1.6))
        with suppress(NotReady):
            until(f"{least} {count}", lambda: (network.counts() - before)[count] >= least, _LONG_S)
        network.set(PERFECT)
        found = (network.counts() - before)[count]
        return f"{found} {_SAID[count]}" if found >= least else ""

    return bring


def _radio_lost(rig: Rig, rng: Random) -> str:
    """The strap, which has no memory, loses what it measures meanwhile; the node beside it loses nothing."""
    assert rig.radio is not None
    strap = Ledger(rig.ledger.database, rig.radio.strap.id)
    since, began = strap.mark().alert, now_us()
    until("the strap is heard", lambda: strap.is_live_since(began), 3 * _LONG_S)
    rig.radio.lose()
    with suppress(NotReady):
        until("the strap's loss is told", lambda: strap.raised("device-lost", since), 3 * _LONG_S)
    found = now_us()
    rig.radio.find()
    until("the strap is heard again", lambda: strap.is_live_since(found), 5 * _LONG_S)
    return "the gateway told that the strap was lost" if strap.raised("device-lost", since) else ""


def _damaged(rig: Rig, count: str, least: int, hold_s: float = _SHORT_S) -> str:
    """Leave the cable as it is for a while, and until it has counted; heal it."""
    before = rig.cable.counts()[count]
    time.sleep(hold_s)
    with suppress(NotReady):
        until(f"{least} {count}", lambda: rig.cable.counts()[count] - before >= least, _LONG_S)
    rig.cable.heal()
    found = rig.cable.counts()[count] - before
    return f"{found} {_SAID[count]}" if found >= max(1, least) else ""


def _event(rig: Rig, after: int, word: str) -> str:
    """A word in an event that the ledger has of the node."""

    def has() -> bool:
        return any(word in detail for _, detail in rig.ledger.events(after))

    with suppress(NotReady):
        until(f"the ledger says {word}", has, _LONG_S)
    return f"the gateway told {word}" if has() else ""


def _and(*known: str) -> str:
    """All of them, or nothing."""
    return "; ".join(known) if all(known) else ""


_LOSSY = Conditions(delay_s=0.1, jitter_s=0.05, loss=0.3, reorder=0.1)
_DOWN = Conditions(down=True)
_BROUGHT: Mapping[str, tuple[str, Bring]] = {
    "reset in mid-frame": ("node", _reset_in_mid_frame),
    "brown-out": ("power", _brown_out),
    "cable cut": ("node", _line_cut),
    "cable pulled": ("node", _cable_pulled),
    "bytes dropped": ("node", _bytes_dropped),
    "bits flipped": ("node", _bits_flipped),
    "traffic spliced": ("node", _spliced),
    "bytes delayed": ("node", _delayed),
    "bytes held": ("node", _held),
    "flood of garbage": ("node", _flooded),
    "wrong baud rate": ("node", _other_rate),
    "stuck sensor": ("pins", _stuck),
    "bit flipped in RAM": ("ram", _bit_in_ram),
    "node frozen": ("freeze", _frozen),
    "gateway killed": ("node", _killed("gateway")),
    "gateway frozen": ("node", _stopped("gateway")),
    "controller killed": ("node", _killed("controller")),
    "controller frozen": ("node", _stopped("controller")),
    "network lossy": ("wan", _network(_LOSSY, "up-lost", 3)),
    "network down": ("wan", _network(_DOWN, "up-blacked-out", 3)),
    "radio lost": ("radio", _radio_lost),
}
"""By name: what the rig has to have, and how it is brought about."""
KINDS: Sequence[Kind] = [Kind(name, frozenset({need}), bring) for name, (need, bring) in _BROUGHT.items()]
