"""How long studies are kept: by modality, from their last change on. What is held for a person stays."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from controller.imaging.archive.deletion import What, delete
from controller.imaging.errors import NoSuchImage
from controller.imaging.sight import Sight

if TYPE_CHECKING:
    from controller.imaging.archive.archive import Archive

_DAY_MS: Final = 86_400_000
_OLD: Final = """SELECT uid, modalities, changed_ms FROM study WHERE held = '' AND changed_ms <= ?
ORDER BY changed_ms"""
OTHERS: Final = "*"


def days_kept(modalities: str, rules: Mapping[str, int]) -> int | None:
    """Of a study with these modalities (as the column has them): the longest of theirs. None: for ever."""
    names = [name for name in modalities.split("\\") if name] or [""]
    days = [rules.get(name, rules.get(OTHERS)) for name in names]
    known = [each for each in days if each is not None]
    return max(known) if len(known) == len(days) else None


async def expire(archive: "Archive") -> int:
    """Delete what is over its time. Returns the number of studies. Raises StoreError."""
    rules, gone = archive.settings.retention_days, 0
    if not rules:
        return 0
    now_ms = archive.clock.now_us() // 1000
    for row in await archive.store.read(_OLD, (now_ms - min(rules.values()) * _DAY_MS,)):
        days = days_kept(row["modalities"], rules)
        if days is None or row["changed_ms"] > now_ms - days * _DAY_MS:
            continue
        try:
            await delete(archive, Sight(None), What(row["uid"]), by="retention", why=f"kept for {days} days")
        except NoSuchImage:  # somebody was faster
            continue
        gone += 1
    return gone
