"""SunTech NIBP modules (Advantage OEM): commands of the host and packets of the module.

    3A COMMAND DATA... SUM     the host's; a query is 79 LOW HIGH
    3E LENGTH DATA... SUM      the module's; LENGTH is of the whole packet; packets are told apart by it

All bytes of either add up to 0 modulo 256. Packets: 4 bytes an answer (a letter), 5 the cuff pressure in
mmHg, 24 the result: systolic, diastolic (2 bytes each), number of beats, status, 8 test codes, heart rate,
spare, mean pressure (2), error, 2 spare. Numbers are little-endian.
Source: excerpts of SunTech's OEM interface manual in tests of ak-git/DemoApp (com.ak...suntech: both worked
examples, commands); 519984307/Appciton, SuntechProvider (a monitor's driver: answers, error codes, patients).
AtCor Medical's driver (DalSpecificBackgroundCommands.cpp) takes a result as good that has status 1, "new",
and error 0; it and a kiosk's driver, which cites the operations manual, have the same places and decimal
errors. Drivers disagree: some read the heart rate as 2 bytes (the spare is 0), and one writes the error codes
85 to 99 as hexadecimal in one of two places.
"""

from dataclasses import dataclass
from enum import Enum

HOST, MODULE = 0x3A, 0x3E
ANSWER_BYTES, CUFF_BYTES, RESULT_BYTES = 4, 5, 24
SHORTEST, LONGEST = 4, 0x43

_VALID = 1
_NO_PRESSURE = -1

ERRORS = {
    1: "weak-or-no-signal",
    2: "artifact-or-erratic-signal",
    3: "blood-pressure-out-of-range",
    4: "measurement-time-exceeded",
    85: "pneumatic-blockage",
    86: "terminated-by-user",
    87: "air-leak-or-loose-cuff",
    88: "safety-timeout",
    89: "cuff-overpressure",
    90: "hardware-problem",
    91: "permission-problem",
    97: "transducer-out-of-range",
    98: "adc-out-of-range",
    99: "calibration-data-failure",
}


class PatientKind(Enum):
    """For whom a measurement is started: the command."""

    ADULT = 0x20
    PEDIATRIC = 0x87
    NEONATE = 0x28


class Answer(Enum):
    """What the module says of a command."""

    RECEIVED = "O"
    EXECUTED = "K"
    ABORTED = "A"
    BUSY = "B"
    ERROR = "E"
    UNDEFINED = "N"
    UNRECOGNISED = "D"
    SLEEPING = "S"
    TIMEOUT = "T"


def framed(start: int, data: bytes) -> bytes:
    """`data` after `start`, with the byte that makes the sum 0."""
    body = bytes((start,)) + data
    return body + bytes((-sum(body) % 256,))


def start(patient: PatientKind) -> bytes:
    """Inflate the cuff and measure."""
    return framed(HOST, bytes((patient.value,)))


ABORT = framed(HOST, bytes((0x79, 0x01, 0x00)))
GET_RESULT = framed(HOST, bytes((0x79, 0x03, 0x00)))
GET_CUFF_PRESSURE = framed(HOST, bytes((0x79, 0x05, 0x00)))


def packet(data: bytes) -> bytes:
    """The module's packet that carries `data`."""
    return framed(MODULE, bytes((len(data) + 3,)) + data)


def cuff_packet(pressure: int | None) -> bytes:
    """The answer to GET_CUFF_PRESSURE."""
    return packet((_NO_PRESSURE if pressure is None else pressure).to_bytes(2, "little", signed=True))


def decode_cuff(data: bytes) -> int | None:
    """mmHg in the 2 bytes of a cuff packet; None: the module has none."""
    pressure = int.from_bytes(data, "little", signed=True)
    return None if pressure == _NO_PRESSURE else pressure


@dataclass(frozen=True, slots=True)
class Result:
    """What the last measurement gave; pressures in mmHg, rate in beats a minute."""

    systolic: int
    diastolic: int
    mean: int
    rate: int
    beats: int = 0
    """Heart beats found in the measurement."""
    status: int = _VALID
    error: int = 0
    test_codes: bytes = bytes(8)

    @property
    def is_valid(self) -> bool:
        """Whether its numbers may be used."""
        return self.status == _VALID and not self.error

    @classmethod
    def decode(cls, data: bytes) -> "Result":
        """The 21 bytes of a result packet."""
        systolic, diastolic = (int.from_bytes(data[at : at + 2], "little") for at in (0, 2))
        mean = int.from_bytes(data[16:18], "little")
        return cls(systolic, diastolic, mean, data[14], data[4], data[5], data[18], data[6:14])

    def encode(self) -> bytes:
        """The answer to GET_RESULT."""
        pressures = self.systolic.to_bytes(2, "little") + self.diastolic.to_bytes(2, "little")
        found = bytes((self.beats, self.status)) + self.test_codes + bytes((self.rate, 0))
        return packet(pressures + found + self.mean.to_bytes(2, "little") + bytes((self.error, 0, 0)))
