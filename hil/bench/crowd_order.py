"""What a crowd of gateways is told to be, and what it tells of itself at its end: see `crowd`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Order:
    """What to be: identities' folders; devices, (name, bed or None), measure every `period_s`.

    `said`: a folder for what each gateway seals and has receipts for (crowd_said.py), if any. `state_s`: how
    often each says how it is; the contract has 1 s, and up to 5 s on a narrow link.
    """

    port: int
    identities: dict[str, str]
    devices: dict[str, list[tuple[str, str | None]]]
    period_s: float
    said: str | None = None
    state_s: float = 1.0


@dataclass(slots=True)
class Told:
    """What was seen from this side.

    `receipted`: (when it was measured, ms until its receipt) of each reading; `late_ms`: how late this
    process woke for each, which is the machine's own part; `resent`: when a block was sent again. Times are
    CLOCK_BOOTTIME, ns.
    """

    receipted: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    late_ms: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    measured: int = 0
    resent: list[int] = field(default_factory=list[int])
    connections: int = 0
    unreceipted: int = 0
    """Blocks that had no receipt when it had waited long enough at its end."""
    unreceipted_readings: int = 0
    """In these."""
