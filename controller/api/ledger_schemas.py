"""What answers about the ledger look like. Times `*_ms` as in controller/api/schemas.py."""

from typing import Literal

from pydantic import Field

from controller.api.schemas import Shape


class LedgerLane(Shape):
    """The proof for one lane of a journal: counts of blocks."""

    lane: Literal["alert", "vital", "wave", "bulk"]
    produced: int
    committed: int
    missing: int = Field(description="neither here nor given up: on the way, or lost")
    holes: int = Field(description="how many ranges are missing")
    duplicated: int | None = Field(description="records that are stored twice; null: not counted yet")
    quarantined: int
    shed: int = Field(description="given up by the gateway, which said so, and never received")
    gaps: int = Field(description="gap records about this lane")
    resent: int = Field(description="blocks that came again and changed nothing")
    waiting: int | None = Field(description="without a receipt, of all the gateway's journals, as of told_ms")
    oldest_ms: int | None = Field(description="age of the oldest of those, as of told_ms")


class JournalClock(Shape):
    """A journal's clock when it was last heard."""

    sync: Literal["unset", "free", "network", "satellite"]
    error_ms: float | None
    boot: str
    utc_known: bool


class LedgerJournal(Shape):
    """The proof for one journal."""

    gateway: str
    journal: str
    open: bool = Field(description="whether its gateway writes it, as far as it has told")
    state: Literal["online", "behind", "offline"] | None = Field(description="its gateway's, if it is open")
    heard_ms: int | None = Field(description="when anything of it last arrived")
    told_ms: int | None
    clock: JournalClock | None
    lanes: list[LedgerLane]


class LedgerTotals(Shape):
    """Sums over all journals that were asked for, not only those in this answer."""

    gateways: int
    journals: int
    unsettled: int = Field(description="journals of which a block is missing")
    produced: int
    committed: int
    missing: int
    duplicated: int | None
    quarantined: int
    shed: int
    resent: int
    waiting: int


class Ledger(Shape):
    """The proof: journals with trouble first, then those that are being written, then the others."""

    server_ms: int
    as_of_ms: int = Field(description="when it was read from the database")
    duplicated_as_of_ms: int | None = Field(description="when `duplicated` was counted; null: not yet")
    totals: LedgerTotals
    offset: int
    journals: list[LedgerJournal]


class LedgerGap(Shape):
    """A gap record: what was given up, why, and of which time, by each clock that is known."""

    ranges: list[tuple[int, int]]
    why: str
    boot: str
    from_mono_ms: int = Field(description="monotonic time of that boot")
    to_mono_ms: int
    from_ms: int | None
    to_ms: int | None
    from_utc_ms: int | None
    to_utc_ms: int | None


class LedgerLaneDetail(Shape):
    """Which blocks of one lane: the first ranges and the newest gaps, and how many there are."""

    lane: str
    missing_ranges: list[tuple[int, int]]
    holes: int
    shed_ranges: list[tuple[int, int]]
    shed_range_count: int
    gaps: list[LedgerGap]
    gap_count: int


class QuarantinedMessage(Shape):
    """A message that could not be used, and why; of a journal's block, or of none."""

    id: int
    gateway: str
    topic: str
    reason: str
    detail: str
    size: int
    journal: str | None
    lane: str | None
    number: int | None
    first_ms: int
    last_ms: int
    times: int


class Quarantine(Shape):
    """The newest of the messages that could not be used."""

    count: int
    messages: list[QuarantinedMessage]


class LedgerDetail(Shape):
    """One journal: what lies behind its counts. `duplicated` is not counted here."""

    server_ms: int
    journal: LedgerJournal
    lanes: list[LedgerLaneDetail]
    quarantine: Quarantine
