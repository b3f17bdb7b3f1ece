"""A device's stored records and the control point that reports them, as simulated devices have it.

shelf = Shelf(by_number=True)
Service("1808", [measurement, shelf.control])
shelf.put(Stored(7, [(measurement, payload)], {"glucose_cap": 104}))
for sent in shelf.answers(b"\\x01\\x01"): ...       # in memory; `serve` sends them on the radio
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from devices.codecs.racp import RACP, Count, OpCode, Operator, Request, Response, Result
from devices.errors import BadBytes
from hil.radio.peripheral import Characteristic, Peripheral, Property
from hil.sims.emitted import Emitted, now_ns

_PACE_S = 0.01
"""Between two values of a transfer: a device has one or a few for each connection interval."""

_Sent = tuple[Characteristic, bytes]
_REPORTED = {OpCode.REPORT, OpCode.REPORT_NUMBER}


def local_now() -> datetime:
    """What a device's clock shows that is right: local time without a zone."""
    return datetime.now(UTC).astimezone().replace(tzinfo=None)


@dataclass(eq=False)
class Stored:
    """A record: its number, the values that report it, and what they say by metric.

    `ago_s`: how long before it was stored it was measured; that is the time that is written down for it.
    """

    number: int
    sent: Sequence[_Sent]
    values: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    ago_s: float = 0.0
    written_down: bool = False


class Shelf:
    """The records of one device, oldest first. Of a service without filters none but all can be asked for."""

    def __init__(self, *, by_number: bool = True, encrypted: bool = False) -> None:
        self.control = Characteristic(
            RACP, Property.WRITE | Property.INDICATE, encrypted=encrypted, on_write=self._written
        )
        self.records: list[Stored] = []
        self._by_number = by_number
        self._requests: list[bytes] = []

    def put(self, record: Stored) -> None:
        """Store a record."""
        self.records.append(record)

    def _written(self, value: bytes) -> None:
        self._requests.append(value)

    def answers(self, data: bytes) -> Iterator[tuple[Characteristic, bytes, Stored | None]]:
        """What is sent for the request `data`, one value at a time, with the record that it completes."""
        try:
            request = Request.decode(data)
        except BadBytes:
            yield self._answer(Response(data[0] if data else 0, Result.INVALID_OPERAND))
            return
        refusal = self._refusal(request)
        wanted = [record for record in self.records if self._wants(request, record)]
        if refusal:
            yield self._answer(Response(request.op_code, refusal))
        elif request.op_code == OpCode.ABORT:
            yield self._answer(Response(request.op_code, Result.SUCCESS))
        elif request.op_code == OpCode.REPORT_NUMBER:
            yield self._answer(Count(len(wanted)))
        else:
            yield from self._report(wanted)

    def _report(self, wanted: Sequence[Stored]) -> Iterator[tuple[Characteristic, bytes, Stored | None]]:
        for record in wanted:
            for place, (characteristic, payload) in enumerate(record.sent, 1):
                yield characteristic, payload, record if place == len(record.sent) else None
        result = Result.SUCCESS if wanted else Result.NO_RECORDS
        yield self._answer(Response(OpCode.REPORT, result))

    def _wants(self, request: Request, record: Stored) -> bool:
        match request.operator:
            case Operator.FIRST:
                return record is self.records[0]
            case Operator.LAST:
                return record is self.records[-1]
            case _:
                return request.wants(record.number)

    def _refusal(self, request: Request) -> Result | None:
        """Why a request is refused, if it is."""
        if request.op_code == OpCode.ABORT:
            return None if request.operator == Operator.NULL else Result.INVALID_OPERATOR
        if request.op_code not in _REPORTED:
            return Result.OP_CODE_NOT_SUPPORTED
        if request.operator == Operator.NULL:
            return Result.INVALID_OPERATOR
        if not self._by_number and request.operator != Operator.ALL:
            return Result.OPERATOR_NOT_SUPPORTED
        return None

    def _answer(self, answer: Response | Count) -> tuple[Characteristic, bytes, None]:
        return self.control, answer.encode(), None

    async def serve(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """Answer the requests that were written, on the radio. An abort ends the one before it."""
        while self._requests:
            for characteristic, payload, record in self.answers(self._requests.pop(0)):
                at = now_ns()
                if not await send(peripheral, characteristic, payload):
                    return
                write_down(record, emitted, at)
                await asyncio.sleep(_PACE_S)
                if self._is_aborted():
                    break

    def _is_aborted(self) -> bool:
        return bool(self._requests) and self._requests[0][:1] == bytes((OpCode.ABORT,))

    async def tell(self, record: Stored, peripheral: Peripheral, emitted: Emitted) -> None:
        """Send a record that was made just now to whoever has subscribed."""
        at = now_ns()
        sent = [await send(peripheral, *one) for one in record.sent]
        if all(sent):
            write_down(record, emitted, at)


def write_down(record: Stored | None, emitted: Emitted, at: int) -> None:
    """Write down that a record was sent; once, however often it is."""
    if record and not record.written_down:
        record.written_down = True
        emitted.sent(at - int(record.ago_s * 1e9), record.values)


async def send(peripheral: Peripheral, characteristic: Characteristic, payload: bytes) -> bool:
    """Send a value as its characteristic says; False where nobody hears it."""
    if characteristic.properties & Property.INDICATE:
        return await peripheral.indicate(characteristic, payload)
    return await peripheral.notify(characteristic, payload)
