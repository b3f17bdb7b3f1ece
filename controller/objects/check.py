"""Rows against objects: what is named and not there is lost, what is there and not named is waste.

report = await check(kind, clock)
report.missing, report.changed      # keys: an alarm
report.orphans                      # older than a day

Nobody is stopped for it: rows are read before and after the list, and what came or went meanwhile is neither.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from controller.clock import Clock
from controller.objects.kinds import Kind, Rows
from controller.objects.model import Found
from controller.objects.owner import KEY

DAY_MS = 86_400_000
_ASIDE = "tmp/"
"""What the archive's folder has not put into its place yet."""


@dataclass(frozen=True, slots=True)
class Report:
    """Of one kind, at `at_ms` (UTC)."""

    kind: str
    at_ms: int
    rows: int
    objects: int
    bytes: int
    missing: tuple[str, ...] = ()
    """Keys that rows name, of which there is nothing."""
    changed: tuple[str, ...] = ()
    """Keys whose objects have another length than their rows say."""
    orphans: tuple[str, ...] = ()
    """Keys of objects that no row names, a day old or more."""

    @property
    def is_whole(self) -> bool:
        """Whether every row has its object."""
        return not self.missing and not self.changed

    def said(self) -> str:
        """In one line."""
        lost = f"{len(self.missing)} missing, {len(self.changed)} of another length"
        return (
            f"{self.kind}: {self.rows} rows, {self.objects} objects, {self.bytes} bytes; {lost}, "
            f"{len(self.orphans)} without a row for a day"
        )


async def check(kind: Kind, clock: Clock) -> Report:
    """Raises StoreError, ObjectsAway: nothing is known then."""
    before, at_ms = await kind.rows(), clock.utc_us() // 1000
    found = await asyncio.to_thread(lambda: {one.key: one for one in _all(kind)})
    after = await kind.rows()
    lost = sorted(key for key in before if key in after and key not in found)
    missing = [key for key in lost if await asyncio.to_thread(kind.objects.digest, key) is None]
    old = at_ms - DAY_MS
    orphans = sorted(key for key, one in found.items() if key not in after and one.changed_ms < old)
    used = sum(one.size for one in found.values())
    changed = tuple(_changed(before, after, found))
    return Report(kind.name, at_ms, len(after), len(found), used, tuple(missing), changed, tuple(orphans))


def _all(kind: Kind) -> Iterator[Found]:
    for some in kind.objects.all():
        for one in some:
            if not one.key.startswith(_ASIDE) and one.key != KEY:
                yield one


def _changed(before: Rows, after: Rows, found: dict[str, Found]) -> Iterator[str]:
    for key, size in before.items():
        if after.get(key) == size and key in found and found[key].size != size:
            yield key
