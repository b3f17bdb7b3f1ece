"""A simulated ELM327 in an ambulance: it is set up, looks for the bus, and answers for two control units."""

from collections.abc import Mapping
from decimal import Decimal

from devices.codecs.elm327 import services
from devices.codecs.elm327.lines import encode
from hil.sims.models._drive import Drive
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_ENGINE, _GEARBOX = "7E8", "7E9"
_BANNER = "\r\rELM327 v1.5"
_VIN = "WDB9061331N000001"
_CODES = ("P0133",)
_GEARBOX_PIDS = (0x0C, 0x0D)
_INDICATOR_LIT = bytes((0x81, 0x07, 0xE5, 0x00))


class Adapter:
    """An ELM327 and its vehicle. With `on_patient` False the ignition is off: nothing answers."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._drive = Drive(patient)
        self._echoes, self._searched = True, False
        self._heard = b""

    def tick(self, time_s: float) -> list[Measured]:
        """Nothing: it speaks when it is asked."""
        return []

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """The reply, with its prompt, to each command."""
        *commands, self._heard = (self._heard + data).split(b"\r")
        return [self._reply(one.decode("latin-1").replace(" ", "").upper(), time_s) for one in commands]

    def _reply(self, command: str, time_s: float) -> Measured:
        echo = f"{command}\r" if self._echoes else ""
        if command.startswith("AT"):
            return Measured(f"{echo}{self._set(command[2:])}\r\r>".encode("ascii"))
        searching = "" if self._searched else "SEARCHING...\r"
        self._searched = True
        lines, values = self._asked(command, time_s)
        return Measured("\r".join((echo + searching, *lines, "\r>")).encode("ascii"), values)

    def _set(self, command: str) -> str:
        if command == "Z":
            self._echoes, self._searched = True, False
            return _BANNER
        if command == "E0":
            self._echoes = False
        return {"DPN": "A6", "RV": "13.9V"}.get(command, "OK")

    def _asked(self, command: str, time_s: float) -> tuple[list[str], Mapping[str, float | None]]:
        """The lines that the vehicle's answer is given in, and what it says."""
        pid = int(command[2:4], 16) if command.startswith("01") and len(command) == 4 else -1
        metric = services.PIDS[pid].metric if pid in services.PIDS else ""
        if not self.on_patient:
            return ["NO DATA"], {metric: None} if metric else {}
        return self._value(pid, metric, time_s) if metric else (self._told(command, pid), {})

    def _value(self, pid: int, metric: str, time_s: float) -> tuple[list[str], Mapping[str, float | None]]:
        data = services.PIDS[pid].encode(self._quantity(metric, time_s))
        answer = bytes((services.ANSWER | services.VALUES, pid)) + data
        lines = encode(_ENGINE, answer) + (encode(_GEARBOX, answer) if pid in _GEARBOX_PIDS else [])
        return lines, {metric: float(services.value(pid, data))}

    def _told(self, command: str, pid: int) -> list[str]:
        if pid in services.BITMAP_PIDS:
            head = bytes((services.ANSWER | services.VALUES, pid))
            engine = services.encode_supported(pid, self._pids(pid))
            gearbox = encode(_GEARBOX, head + services.encode_supported(pid, _GEARBOX_PIDS))
            return encode(_ENGINE, head + engine) + (gearbox if pid == 0 else [])
        if pid == services.STATUS:
            return encode(_ENGINE, bytes((services.ANSWER | services.VALUES, pid)) + _INDICATOR_LIT)
        if command == "03":
            codes = services.encode_trouble_codes(_CODES)
            return encode(_ENGINE, bytes((services.ANSWER | services.TROUBLE_CODES,)) + codes)
        if command == "0902":
            return encode(_ENGINE, bytes((services.ANSWER | services.VEHICLE, 2, 1)) + _VIN.encode("ascii"))
        return ["NO DATA"]

    def _pids(self, after: int) -> set[int]:
        """All that there are, and the bitmaps that are needed to tell them."""
        last = max(services.PIDS)
        return {services.STATUS, *services.PIDS, *(n for n in services.BITMAP_PIDS if after < n < last)}

    def _quantity(self, metric: str, time_s: float) -> Decimal:
        drive = self._drive
        values = {
            "engine_speed": drive.engine_speed(time_s),
            "vehicle_speed": drive.speed(time_s),
            "coolant_temp": drive.coolant(time_s),
            "engine_run_time": time_s % 60_000,
            "fuel_level": drive.fuel(time_s),
            "vehicle_voltage": drive.voltage(time_s),
            "outside_temp": 11.0,
            "engine_oil_temp": drive.coolant(time_s) + 8,
            "odometer": drive.odometer(time_s),
        }
        return Decimal(values[metric])


SIMULATORS: dict[str, MakeSim] = {"obd-elm327": Adapter}
