"""Fetches the records that a Bluetooth device has stored, over its Record Access Control Point.

    fetch = RecordFetch(host, "glucose")
    fetch.is_new(Record(number, body, order), now)    # at each record that arrives: is it to be handed out?
    fetch.answered(answer, now)                       # at each answer of the control point
    fetch.data_to_send()                              # what is to be written to it

The codecs around it are in record_codec.py.

At the first connection all records are asked for, later those from the last remembered one on. That one is
the **anchor**: it is not handed out again, but if it does not come as it was, the device's numbers began anew
(a reset, a new session, a counter that went round) and all records are asked for. To ask from the next one
on would lose the records that a device made after a reset.

After the last number that there can be they begin anew at 0: all records are asked for then, too.

What was fetched is remembered in `Host.memory`, under names that begin with `key`, only in `journalled` and
only once the device says that the transfer is complete. So a connection lost at any moment loses nothing,
and repeats at most what was not yet journalled. Records of later in the connection follow as they come.
An anchor that is of no use any more is forgotten at once: a meter that hangs up after its first answer is
asked for all at the next connection.

Not every device's numbers can be used. The Pulse Oximeter Service has none. TaiDoc's meters give number 0 to
the newest record (xDrip, BluetoothGlucoseMeter.java, "reversed sequence numbers"), which shows by times that
fall while numbers rise. Others may not support the filter. Of such a device all records are asked for at
each connection, and those already journalled are known by the CRC-32 of their bytes without the number.

Firmware of i-SENS before its revision 1.5 ends every transfer with "no records found" (i-SENS's sample for
iOS): that says "complete", as "success" does.

A device that goes silent for `PATIENCE_S` is told to abort and asked again, `ATTEMPTS` times in all, without
a filter if it gave nothing with one; then, or when it refuses, there is a REFUSED event, and nothing more is
asked for on this connection. A record that could not be read is asked for again, within the same attempts.
One that answers twice is not taken to have answered the next request too.
"""

from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise
from zlib import crc32

from devices.codecs import Host, Said
from devices.codecs.racp import NOT_SUPPORTED, Count, OpCode, Operator, Request, Response, Result
from devices.model.observation import DeviceEvent, EventKind, Instant, later

ABORT = Request(OpCode.ABORT).encode()
REPORT_ALL = Request(OpCode.REPORT, Operator.ALL).encode()
LAST_NUMBER = 0xFFFF
"""After it numbers begin anew."""
_COMPLETE = (Result.SUCCESS, Result.NO_RECORDS)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is told from others."""

    number: int | None
    """Sequence number or time offset; None where the service has none."""
    body: bytes
    """Its bytes without the number."""
    order: tuple[int, ...] | None = ()
    """Its time as the device tells it, of which a later one is greater. None: it has no time, so that nobody
    can tell it from another one that measured the same."""


class _Step(Enum):
    WAITING = auto()
    """For `begin`, or for a device that is busy."""
    DUE = auto()
    """The request is to be sent."""
    ASKED = auto()
    ABORTING = auto()
    DONE = auto()
    """The device said that all records were sent."""
    GIVEN_UP = auto()


_Key = tuple[int | None, int]
"""A record's number and the CRC-32 of its body."""


class RecordFetch:
    """The fetching of one connection."""

    PATIENCE_S = 30.0
    """The ATT transaction time-out (CGMS 1.0.2, 3.8.1). Cypress's client waits 5 s: a slow meter is not to be
    aborted for that."""
    SOON_S = 5.0
    """For what else is waited for: that an abort is answered, that `begin` is called, before asking one
    again that is busy."""
    ATTEMPTS = 3
    MOST_RECORDS = 65536

    def __init__(self, host: Host, key: str, *, waits: bool = False) -> None:
        self._memory, self._key = host.memory, key
        self._step = _Step.WAITING if waits else _Step.DUE
        self._from = self._memory.get(f"{key}-number")
        self._anchor = self._memory.get(f"{key}-mark")
        self._known = {int(name[-8:], 16) for name in self._memory if name.startswith(f"{key}-record-")}
        self._by_number = not self._known
        self._anchored = False
        self._is_damaged = False
        self._salt = b""
        self._transfer: dict[_Key, tuple[int, ...] | None] = {}
        self._handed_out: set[_Key] = set()
        self._attempts = 0
        self._answered: Response | None = None
        """The answer to the request before this one."""
        self._deadline: Instant | None = None
        self._abort_is_due = False
        self._unsaved = False
        self._forgets = False
        """The anchor that is remembered is of no use any more."""
        self.held = False
        """A record that is_new counted is not yet handed out: nothing is to be remembered."""

    def begin(self, salt: bytes) -> None:
        """What was waited for is here: ask now. Records of another `salt`, a session, are other records."""
        self._salt = salt
        if self._step is _Step.WAITING:
            self._become(_Step.DUE)

    def is_new(self, record: Record, now: Instant) -> bool:
        """Whether `record`, which arrived at `now`, is to be handed out."""
        if self._step is _Step.ASKED:
            self._deadline = later(now, self.PATIENCE_S)
        mark = crc32(self._salt + record.body)
        key = record.number, mark
        if len(self._transfer) >= self.MOST_RECORDS:
            self._become(_Step.GIVEN_UP)
            return True
        if record.order is None:
            return True
        self._anchored |= key == (self._from, self._anchor)
        self._transfer[key] = record.order
        if mark == self._anchor or mark in self._known or key in self._handed_out:
            return False
        self._handed_out.add(key)
        self._unsaved = True
        return True

    def damaged(self) -> None:
        """A record has arrived that cannot be read: it is to come again."""
        self._is_damaged = True
        if self._step is _Step.DONE and self._attempts < self.ATTEMPTS - 1:
            self._from = self._memory.get(f"{self._key}-number")
            self._anchor = self._memory.get(f"{self._key}-mark")
            self._anchored = False
            self._again()

    def _again(self) -> None:
        self._attempts += 1
        self._transfer.clear()
        self._become(_Step.DUE)

    def answered(self, answer: Response | Count, now: Instant) -> list[Said]:
        """The control point's answer has arrived."""
        if isinstance(answer, Count):
            return []
        if answer.op_code == OpCode.ABORT:
            if self._step is _Step.ABORTING:
                self._become(_Step.DUE)
            return []
        if answer.op_code != OpCode.REPORT or self._step in (_Step.DONE, _Step.GIVEN_UP, _Step.WAITING):
            return []
        is_repeated = answer.result in _COMPLETE and answer == self._answered and not self._transfer
        self._answered = None if is_repeated else answer
        return [] if is_repeated else self._ended(answer, now)

    def _ended(self, answer: Response, now: Instant) -> list[Said]:
        filtered = self._from is not None
        if answer.result in _COMPLETE:
            if filtered and not (self._anchored and self._is_before_the_last_number()):
                self._ask_for_all()
            elif self._is_damaged and self._attempts < self.ATTEMPTS - 1:
                self._again()
            else:
                self._become(_Step.DONE)
                self._unsaved = True
            return []
        if answer.result in NOT_SUPPORTED and filtered:
            self._by_number = False
            self._ask_for_all()
            return []
        self._attempts += 1
        if answer.result in NOT_SUPPORTED or self._attempts >= self.ATTEMPTS:
            return self._give_up(answer.name, now)
        self._become(_Step.WAITING)
        return []

    def _is_before_the_last_number(self) -> bool:
        return all(number != LAST_NUMBER for number, _ in self._transfer)

    def _ask_for_all(self, step: _Step = _Step.DUE) -> None:
        self._from, self._forgets = None, True
        self._transfer.clear()
        self._become(step)

    def _give_up(self, answer: str, now: Instant) -> list[Said]:
        self._become(_Step.GIVEN_UP)
        detail = {"command": "report-stored-records", "answer": answer}
        return [DeviceEvent(EventKind.REFUSED, now, detail)]

    def _become(self, step: _Step) -> None:
        self._step, self._deadline = step, None

    def data_to_send(self) -> bytes:
        """The request that is due."""
        if self._abort_is_due:
            self._abort_is_due = False
            return ABORT
        if self._step is not _Step.DUE:
            return b""
        self._become(_Step.ASKED)
        self._is_damaged = False
        if self._from is None:
            return REPORT_ALL
        return Request(OpCode.REPORT, Operator.AT_LEAST, (self._from,)).encode()

    def next_timer(self) -> Instant | None:
        """When the device has been silent for too long; at once, if nobody has told the time yet."""
        if self._step in (_Step.DONE, _Step.GIVEN_UP):
            return None
        return Instant(0) if self._deadline is None else self._deadline

    def handle_timer(self, now: Instant) -> list[Said]:
        """Begin to wait; or, after that, abort, ask again or give up."""
        if self._step in (_Step.DONE, _Step.GIVEN_UP):
            return []
        said: list[Said] = []
        if self._deadline is not None and now >= self._deadline:
            said = self._silent(now)
        if self._deadline is None:
            self._deadline = later(now, self.PATIENCE_S if self._step is _Step.ASKED else self.SOON_S)
        return said

    def _silent(self, now: Instant) -> list[Said]:
        if self._step is not _Step.ASKED:
            self._become(_Step.DUE)
            return []
        self._attempts += 1
        if self._attempts >= self.ATTEMPTS:
            return self._give_up("none", now)
        self._abort_is_due = True
        if self._from is not None and not self._transfer:
            self._by_number = False
            self._ask_for_all(_Step.ABORTING)
        else:
            self._become(_Step.ABORTING)
        return []

    @property
    def is_sending(self) -> bool:
        """Whether the device was asked and has not yet said that all records have come."""
        return self._step in (_Step.ASKED, _Step.ABORTING)

    @property
    def is_done(self) -> bool:
        """Whether all stored records have come: what comes now is of this moment."""
        return self._step is _Step.DONE

    def awaits_journal(self) -> bool:
        """Whether something is to be remembered once it is on disk, or forgotten."""
        return self._forgets or self._is_complete()

    def _is_complete(self) -> bool:
        return self._step is _Step.DONE and self._unsaved and not self.held

    def journalled(self) -> None:
        """What was handed out is on disk: remember it."""
        if not self.awaits_journal():
            return
        self._forgets = False
        for name in [name for name in self._memory if name.startswith(f"{self._key}-")]:
            del self._memory[name]
        if self._is_complete():
            self._remember()

    def _remember(self) -> None:
        self._unsaved = False
        top = self._last_in_order()
        if top is None:
            self._memory |= {f"{self._key}-record-{mark:08x}": 1 for _, mark in self._transfer}
            return
        self._memory |= {f"{self._key}-number": top[0], f"{self._key}-mark": top[1]}
        self._transfer = {top: self._transfer[top]}
        self._handed_out &= {top}

    def _last_in_order(self) -> tuple[int, int] | None:
        """Number and mark of the last record; None where numbers do not tell which one that is."""
        numbered = [
            (key[0], key[1], order or ()) for key, order in self._transfer.items() if key[0] is not None
        ]
        numbered.sort()
        in_order = self._by_number and (self._anchored or all(a[2] <= b[2] for a, b in pairwise(numbered)))
        if not numbered or not in_order or numbered[-1][0] >= LAST_NUMBER:
            return None
        return numbered[-1][:2]
