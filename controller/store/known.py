"""What a writer's own commits left in the database, so that what is so already is not written once more.

A thousand gateways say each second how they are. Of one that is quiet nothing is new but the time at which it
said so: that is written every SELDOM_MS, and says of when it is. What a block brings is always written.
"""

from dataclasses import dataclass, field

from controller.anchors import Anchor, AnchorKey
from controller.ledger import StreamKey
from controller.store.journals import Heard, Said
from controller.timeline import Knot

SELDOM_MS = 10_000
Measured = tuple[int, int, Knot]
"""Of a boot: its id, the time to which it was measured, µs, and where its line ended."""


@dataclass(slots=True)
class Known:
    """It may say less than the database knows, never more: what failed is forgotten as a whole.

    Another controller may have written since: then what is not written here is older than what is there.
    """

    gateways: set[str] = field(default_factory=set[str])
    streams: dict[StreamKey, tuple[int, int]] = field(default_factory=dict[StreamKey, tuple[int, int]])
    """Id, and the number after the last block that is known to be produced."""
    journals: dict[bytes, tuple[int, Said]] = field(default_factory=dict[bytes, tuple[int, Said]])
    """When it was written, and what."""
    open: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """The journal that each gateway named last."""
    boots: dict[AnchorKey, tuple[int, int, Knot]] = field(
        default_factory=dict[AnchorKey, tuple[int, int, Knot]]
    )
    """Id, the time to which it was measured, µs, and where its line ended."""

    def has_heard(self, journal: bytes, news: Heard) -> bool:
        """Whether these news are but that it is as it was, and the last are not old."""
        held = self.journals.get(journal)
        return (
            held is not None
            and news.is_only_told
            and self.open.get(news.gateway) == journal
            and held[1] == news.said
            and 0 <= news.at_ms - held[0] < SELDOM_MS
        )

    def heard(self, journal: bytes, news: Heard) -> None:
        """It is written."""
        self.journals[journal] = news.at_ms, news.said
        if news.told is not None:
            self.open[news.gateway] = journal

    def has_measured(self, anchor: Anchor) -> bool:
        """Whether it is where it was, as far as rows are stamped by it, and was measured not long ago."""
        held = self.boots.get((anchor.gateway, anchor.boot))
        return (
            held is not None
            and held[2] == anchor.line.last
            and 0 <= anchor.measured_us - held[1] < 1000 * SELDOM_MS
        )
