"""The codecs of stored records and of the control point that reports them, around one `RecordFetch`."""

from collections.abc import Callable
from typing import TypeVar

from devices.codecs import Said
from devices.codecs.device_clock import Moment
from devices.codecs.gatt import ValueCodec
from devices.codecs.racp import decode_answer
from devices.codecs.record_fetch import RecordFetch
from devices.errors import BadBytes
from devices.model.observation import Instant, Quality

T = TypeVar("T")


def among_stored(moment: Moment, fetch: RecordFetch) -> Moment:
    """`moment` of a record; one that nobody can place, and that came among stored ones, is not of now."""
    if fetch.is_sending and moment.quality & Quality.QUESTIONABLE:
        return Moment(moment.at, moment.quality | Quality.STORED)
    return moment


class RecordCodec(ValueCodec):
    """A codec of records: what it handed out is remembered once it is on disk."""

    def __init__(self, fetch: RecordFetch) -> None:
        super().__init__()
        self._fetch = fetch

    def _decoded(self, decode: Callable[[bytes], T], data: bytes) -> T:
        """The record `data`. Raises BadBytes if it cannot be read; then it is to come again."""
        try:
            return decode(data)
        except BadBytes:
            self._fetch.damaged()
            raise

    def awaits_journal(self) -> bool:
        """See `JournalledCodec`."""
        return self._fetch.awaits_journal()

    def journalled(self, now: Instant) -> None:
        """See `JournalledCodec`."""
        self._fetch.journalled()


class RacpCodec(RecordCodec):
    """The control point: gives REFUSED when the records cannot be fetched.

    `closing` gives what other codecs still hold back of the records that came before an answer.
    """

    def __init__(self, fetch: RecordFetch, closing: Callable[[], list[Said]] = list) -> None:
        super().__init__(fetch)
        self._closing = closing

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        answer = decode_answer(data)
        return [*self._closing(), *self._fetch.answered(answer, now)]

    def data_to_send(self) -> bytes:
        """The request that is due."""
        return self._fetch.data_to_send()

    def next_timer(self) -> Instant | None:
        """The nearer one of the fetching's and of counted bad values."""
        timers = [timer for timer in (self._fetch.next_timer(), self._bad.due()) if timer is not None]
        return min(timers, default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """See `RecordFetch.handle_timer`."""
        return [*self._bad.told(now), *self._fetch.handle_timer(now)]
