"""The header that every VDA 5050 message begins with: which message it is, when it was made and of whom.

Source: VDA 5050 2.1.0, 6.4; 3.0.0, 7.2.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from devices.codecs.vda5050.errors import BadField, Unsayable
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.wire import MAX_UINT32, Uint32

_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:Z|z|([+-])(\d\d):?(\d\d))?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`header_id` counts the messages of one topic and wraps; `timestamp` as `timestamp_of` makes it.

    `version` is what the sender said; a message goes out with that of the version it is encoded in.
    """

    header_id: Uint32
    timestamp: str
    version: str
    manufacturer: str
    serial_number: str

    def fault(self, _: Version) -> tuple[str, str] | None:
        """What is wrong with the time, if anything."""
        try:
            utc_us(self.timestamp)
        except BadField as bad:
            return bad.why, bad.path
        return None


def is_newer(header_id: int, than: int) -> bool:
    """Whether it was counted later; the counter is a uint32 that wraps, so half of it is later."""
    return 0 < (header_id - than) % (MAX_UINT32 + 1) <= MAX_UINT32 // 2


def next_header_id(header_id: int) -> int:
    """The one after it."""
    return (header_id + 1) % (MAX_UINT32 + 1)


def utc_us(timestamp: str) -> int:
    """Microseconds since 1970 in UTC. One without a zone is in UTC, as the standard says of all. BadField."""
    found = _STAMP.fullmatch(timestamp)
    if not found:
        raise BadField(f"expected a time as 2026-01-31T12:00:00.000Z, got {timestamp[:60]!r}", "timestamp")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    try:
        base = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError as error:
        raise BadField(f"expected a time that there is, got {timestamp!r}: {error}", "timestamp") from None
    if second > 60:
        raise BadField(f"expected at most 60 seconds, got {timestamp!r}", "timestamp")
    behind = timedelta(hours=int(found[9] or 0), minutes=int(found[10] or 0)) // timedelta(microseconds=1)
    since = (base - _EPOCH) // timedelta(microseconds=1) + second * 1_000_000
    return since + int(f"{found[7] or '':0<6}"[:6]) - (-behind if found[8] == "-" else behind)


def timestamp_of(us: int) -> str:
    """As the standard writes it, to the millisecond: 2017-04-15T11:40:03.123Z. Raises Unsayable."""
    try:
        at = _EPOCH + timedelta(microseconds=us)
    except OverflowError:
        raise Unsayable(f"expected a time of the years 1 to 9999, got {us} µs", "timestamp") from None
    return at.strftime(f"{at.year:04d}-%m-%dT%H:%M:%S.{at.microsecond // 1000:03d}Z")
