"""The Record Access Control Point (0x2A52): what a client writes to it, and what a server answers.

    01 01                report all stored records
    01 03 01 0F 00       report those whose number is 15 or more
    06 00 01 01          answer: request 1 is done
    05 00 07 00          answer to request 4: 7 records

One characteristic for several services, which differ in the filters: filter type 1 is the sequence number in
the Glucose Service and the time offset in Continuous Glucose Monitoring, 16 bits each; type 2 is the user
facing time, Glucose Service only. The Pulse Oximeter Service has no filters: all records or none.
Source: Bluetooth SIG, GATT Specification Supplement (GSS) 2025-12-23, 3.199; CGMS 1.0.2, 3.6, which reuses
what the Glucose Service defines. The Pulse Oximeter Service's operators by Qualcomm's PLXSTypes.h. Checked
against the tests of NordicSemiconductor/Android-BLE-Common-Library.
"""

from dataclasses import dataclass
from enum import IntEnum

from devices.codecs.gatt import Fields, uuid16
from devices.errors import BadBytes

RACP = uuid16(0x2A52)

BY_NUMBER = 1
"""The filter type of the sequence number (GLS) and of the time offset (CGMS)."""


class OpCode(IntEnum):
    """What a value is; the last two come from the server."""

    REPORT = 1
    DELETE = 2
    ABORT = 3
    REPORT_NUMBER = 4
    NUMBER = 5
    RESPONSE = 6


class Operator(IntEnum):
    """Which records a request means."""

    NULL = 0
    ALL = 1
    AT_MOST = 2
    AT_LEAST = 3
    WITHIN = 4
    FIRST = 5
    LAST = 6


class Result(IntEnum):
    """How a request ended."""

    SUCCESS = 1
    OP_CODE_NOT_SUPPORTED = 2
    INVALID_OPERATOR = 3
    OPERATOR_NOT_SUPPORTED = 4
    INVALID_OPERAND = 5
    NO_RECORDS = 6
    ABORT_UNSUCCESSFUL = 7
    NOT_COMPLETED = 8
    OPERAND_NOT_SUPPORTED = 9
    SERVER_BUSY = 10


NOT_SUPPORTED = {
    Result.OP_CODE_NOT_SUPPORTED,
    Result.INVALID_OPERATOR,
    Result.OPERATOR_NOT_SUPPORTED,
    Result.INVALID_OPERAND,
    Result.OPERAND_NOT_SUPPORTED,
}
"""How a server says that it knows no such request, whenever it is asked."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client writes. `numbers` are those of a filter BY_NUMBER: one, or two for WITHIN."""

    op_code: int
    operator: int = Operator.NULL
    numbers: tuple[int, ...] = ()

    @classmethod
    def decode(cls, data: bytes) -> "Request":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        op_code, operator = fields.uint(1), fields.uint(1)
        if operator not in (Operator.AT_MOST, Operator.AT_LEAST, Operator.WITHIN):
            return cls(op_code, operator)
        filter_type = fields.uint(1)
        if filter_type != BY_NUMBER:
            raise BadBytes("range", f"expected filter type {BY_NUMBER}, got {filter_type}")
        return cls(op_code, operator, fields.uints_to_end(2))

    def encode(self) -> bytes:
        """The value."""
        filter_type = bytes((BY_NUMBER,)) if self.numbers else b""
        operand = b"".join(number.to_bytes(2, "little") for number in self.numbers)
        return bytes((self.op_code, self.operator)) + filter_type + operand

    def wants(self, number: int) -> bool:
        """Whether a record of this number is meant, by a request for all or by number."""
        match self.operator, self.numbers:
            case Operator.ALL, ():
                return True
            case Operator.AT_MOST, (most,):
                return number <= most
            case Operator.AT_LEAST, (least,):
                return number >= least
            case Operator.WITHIN, (least, most):
                return least <= number <= most
            case _:
                return False


@dataclass(frozen=True, slots=True)
class Response:
    """A server's answer to the request `op_code`; `result` is a Result, or a reserved number as it came."""

    op_code: int
    result: int

    def encode(self) -> bytes:
        """The value."""
        return bytes((OpCode.RESPONSE, Operator.NULL, self.op_code, self.result))

    @property
    def name(self) -> str:
        """The result in lower case with hyphens."""
        known = self.result in {*Result}
        return Result(self.result).name.lower().replace("_", "-") if known else f"reserved-{self.result}"


@dataclass(frozen=True, slots=True)
class Count:
    """A server's answer to REPORT_NUMBER."""

    records: int

    def encode(self) -> bytes:
        """The value."""
        return bytes((OpCode.NUMBER, Operator.NULL)) + self.records.to_bytes(2, "little")


def decode_answer(data: bytes) -> Response | Count:
    """What a server says by the value `data`. Raises BadBytes."""
    fields = Fields(data)
    op_code, _operator = fields.uint(1), fields.uint(1)
    match op_code:
        case OpCode.RESPONSE:
            return Response(fields.uint(1), fields.uint(1))
        case OpCode.NUMBER:
            octets = fields.uints_to_end(1)
            if not octets:
                raise BadBytes("length", "expected a number of records, got nothing")
            return Count(int.from_bytes(bytes(octets), "little"))
        case _:
            raise BadBytes("range", f"expected the answer of a server, got op code {op_code}")
