"""When it happened: gateways' monotonic clocks on the controller's time scale, and on UTC.

`offset` = controller's time less the gateway's monotonic time of one boot. A message cannot arrive
before it was sealed, so every (arrival - sealed) is at least the true offset, and the smallest is the
best: neither a wrong clock on the gateway nor a backlog makes an old value look young. The estimate
may rise by DRIFT_PPM of the time that passes, which is more than two crystals drift apart and far less
than any backlog is late.

`utc_offset` = UTC less monotonic time, known once a block of that boot was sealed with a clock set.
"""

from dataclasses import dataclass

from devices.wire.block import BlockClock

DRIFT_PPM = 200
CORRECTED_US = 250_000
"""A fall of the offset by more than this moves what was stored with the worse one."""

AnchorKey = tuple[str, bytes]
"""Gateway and boot."""


@dataclass(slots=True)
class Anchor:
    """What is known of one boot of one gateway, microseconds."""

    boot: bytes
    gateway: str
    offset_us: int
    measured_us: int
    utc_offset_us: int | None = None
    stored_offset_us: int | None = None
    """The offset of what lies in the store; None: the boot is new."""
    stored_utc: bool = False
    """Whether what lies in the store has UTC."""

    @property
    def moved(self) -> bool:
        """Whether stored rows have to move to another time."""
        return self.stored_offset_us is not None and self.stored_offset_us - self.offset_us > CORRECTED_US

    @property
    def learned_utc(self) -> bool:
        """Whether stored rows of this boot can be given their UTC now."""
        return self.utc_offset_us is not None and not self.stored_utc

    def heard(self, mono_us: int, at_us: int) -> None:
        """Something sealed at `mono_us` arrived at `at_us`."""
        risen = self.offset_us + max(at_us - self.measured_us, 0) * DRIFT_PPM // 1_000_000
        self.offset_us = min(at_us - mono_us, risen)
        self.measured_us = max(at_us, self.measured_us)

    def saved(self) -> None:
        """What is known is in the store now."""
        if self.stored_offset_us is None or self.moved or self.offset_us > self.stored_offset_us:
            self.stored_offset_us = self.offset_us
        self.stored_utc = self.utc_offset_us is not None


class Anchors:
    """Every boot that was heard of, by the gateway that told it.

    Two gateways may tell the same boot: two on one host, machines woken from one image, or one of them lies.
    """

    def __init__(self) -> None:
        self._known: dict[AnchorKey, Anchor] = {}

    def restore(self, anchor: Anchor) -> None:
        """An anchor as the store has it."""
        self._known[anchor.gateway, anchor.boot] = anchor

    def heard(self, gateway: str, clock: BlockClock, at_us: int) -> Anchor:
        """A message of `gateway` with this clock arrived at `at_us`."""
        anchor = self._known.get((gateway, clock.boot))
        if anchor is None:
            anchor = self._known[gateway, clock.boot] = Anchor(
                clock.boot, gateway, at_us - clock.mono_us, at_us
            )
        anchor.heard(clock.mono_us, at_us)
        if clock.utc_us is not None:
            anchor.utc_offset_us = clock.utc_us - clock.mono_us
        return anchor
