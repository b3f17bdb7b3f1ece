"""The codecs of stored records and of the control point that reports them, around one `RecordFetch`."""

from collections.abc import Callable

from devices.codecs import Said
from devices.codecs.gatt import ValueCodec
from devices.codecs.racp import decode_answer
from devices.codecs.record_fetch import RecordFetch
from devices.model.observation import Instant


class RecordCodec(ValueCodec):
    """A codec of records: what it handed out is remembered once it is on disk."""

    def __init__(self, fetch: RecordFetch) -> None:
        super().__init__()
        self._fetch = fetch

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
