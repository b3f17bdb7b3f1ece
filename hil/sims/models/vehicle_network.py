"""A simulated van's J1939 bus behind an SLCAN adapter: engine, instruments, a trouble code, the VIN."""

from decimal import Decimal

from devices.codecs.j1939.parameters import (
    DM1,
    PARAMETERS,
    VEHICLE_IDENTIFICATION,
    Parameter,
    Trouble,
    encode_dm1,
)
from devices.codecs.j1939.slcan import CanFrame
from devices.codecs.j1939.transport import encode_broadcast, identifier
from hil.sims.models._drive import Drive
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_ENGINE = 0
_VIN = b"WDB9061331N000001*"
_EVERY_TICKS = {61444: 1, 65265: 1, 65262: 10, 65276: 10, 65217: 10, 65271: 10, 65269: 10}
"""In ticks, as the standard has it; EEC1 and CCVS1 come oftener on a real bus."""
_VERSION, _SERIAL = b"V1013\r", b"NA123\r"


class Bus:
    """An adapter and its bus. With `on_patient` False the units say that nothing is available."""

    period_s = 0.1

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._drive = Drive(patient)
        self._heard = b""
        self._is_open = False
        self._ticks = 0

    def tick(self, time_s: float) -> list[Measured]:
        """The frames of a tenth of a second, if the adapter is open."""
        if not self._is_open:
            return []
        self._ticks += 1
        due = [pgn for pgn, every in _EVERY_TICKS.items() if self._ticks % every == 0]
        said = [self._frame(pgn, time_s) for pgn in due]
        return said + (self._seldom() if self._ticks % 10 == 1 else [])

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """CR, or what was asked for; BELL where it cannot be done."""
        *commands, self._heard = (self._heard + data).split(b"\r")
        return [Measured(self._obey(one)) for one in commands]

    def _obey(self, command: bytes) -> bytes:
        was_open = self._is_open
        match command:
            case b"L" | b"O":
                self._is_open = True
                return b"\x07" if was_open else b"\r"
            case b"C":
                self._is_open = False
                return b"\r" if was_open else b"\x07"
            case b"V":
                return _VERSION
            case b"N":
                return _SERIAL
            case b"S5" | b"":
                return b"\r"
            case _:
                return b"\x07"

    def _frame(self, pgn: int, time_s: float) -> Measured:
        data = bytearray(b"\xff" * 8)
        for one in PARAMETERS[pgn]:
            one.put(data, self._quantity(one, time_s) if self.on_patient else None)
        values = {one.metric: one.decode(bytes(data)) for one in PARAMETERS[pgn]}
        meant = {
            metric: float(value) if isinstance(value, Decimal) else None for metric, value in values.items()
        }
        return Measured(CanFrame(identifier(pgn, _ENGINE), bytes(data)).encode(), meant)

    def _seldom(self) -> list[Measured]:
        """What troubles the engine, and the vehicle's number."""
        dm1 = CanFrame(identifier(DM1, _ENGINE), encode_dm1({"amber-warning-lamp"}, [Trouble(91, 3)]))
        frames = [dm1, *encode_broadcast(VEHICLE_IDENTIFICATION, _ENGINE, _VIN)]
        return [Measured(frame.encode()) for frame in frames]

    def _quantity(self, one: Parameter, time_s: float) -> Decimal:
        drive = self._drive
        quantities = {
            "engine_speed": drive.engine_speed(time_s),
            "vehicle_speed": drive.speed(time_s),
            "coolant_temp": drive.coolant(time_s),
            "engine_oil_temp": drive.coolant(time_s) + 8,
            "fuel_level": drive.fuel(time_s),
            "vehicle_voltage": drive.voltage(time_s),
            "outside_temp": 11.0,
            "odometer": drive.odometer(time_s),
        }
        return Decimal(quantities[one.metric])


SIMULATORS: dict[str, MakeSim] = {"slcan-j1939": Bus}
