"""Simulated infusion pumps: they speak when asked, and obey nothing."""

from collections.abc import Callable
from decimal import Decimal

from devices.codecs import alaris, fresenius
from devices.codecs.fresenius_frame import ACK, DC4, ENQ, NAK, FrameReader, Reply, Signal
from devices.codecs.health import BadByteCounter
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

_ENQUIRY_S = 2.0
_FORGETS_S = 8.0
"""How long after the last sign of the host a Fresenius base closes its session."""
_SYRINGE_ML = Decimal(50)


class _Infusion:
    """One syringe that runs; it begins again when it is empty."""

    def __init__(self, seed: float) -> None:
        self._rate = Wander(seed, middle=6.0, swing=2.0, knot_s=120)

    def rate(self, time_s: float) -> Decimal:
        """mL/h, to 0.1."""
        return Decimal(f"{self._rate.at(time_s):.1f}")

    def delivered(self, time_s: float) -> Decimal:
        """mL, to 0.001."""
        return Decimal(f"{time_s * 6 / 3600:.3f}") % _SYRINGE_ML


class AlarisSim:
    """A GH pump. Off the patient it is on hold: its rate is 0."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._infusion = _Infusion(patient.temperature(0))
        self._reader = alaris.MessageReader(BadByteCounter())

    def tick(self, time_s: float) -> list[Measured]:
        """Nothing: it speaks when asked."""
        return []

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Answer the questions; what is no question gets no answer."""
        return [self._answer(fields[0], time_s) for fields in self._reader.feed(data) if len(fields) == 1]

    def _answer(self, name: str, time_s: float) -> Measured:
        if name == "INF":
            return self._status(time_s)
        if name == "INF_VTBI":
            return Measured(alaris.encode(name, "ACTIV", "40.000", "ml", "STOP"), {"pump_vtbi": 40.0})
        fixed = {
            "ALARM": (alaris.NO_ALARM, " ", " ") if self.on_patient else ("AL_OCCLU", "OCCLUSION", ""),
            "SYRINGE_STATUS": ("BD PLASTIPAK", " 50", "CONF"),
            "COMMS_PROTOCOL": ("Asena Rev 2.1.5",),
        }
        return Measured(alaris.encode(name, *fixed.get(name, ("8002-00001",))))

    def _status(self, time_s: float) -> Measured:
        rate = self._infusion.rate(time_s) if self.on_patient else Decimal("0.00")
        delivered = self._infusion.delivered(time_s)
        flag, mode = ("-", "SET") if self.on_patient else ("A", "HLD")
        volumes = (f"{rate:.2f}", "ml/h", "", f"{delivered:.3f}", "ml")
        fields = ("INF", "8002-00001", flag, mode, *volumes, "17.91", "mmHg", "04:10:09", "EVENT", "127904")
        told = {"pump_rate": rate, "pump_delivered": delivered, "pump_pressure": Decimal("17.91")}
        values = {name: float(number) for name, number in told.items()} | {"pump_time_remain": 15009.0}
        return Measured(alaris.encode(*fields), values)


class FreseniusSim:
    """A base with five modules. Off the patient they are stopped: rates are 0, an alarm bit is set."""

    period_s = 0.5

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._reader = FrameReader(BadByteCounter())
        seed = patient.temperature(0)
        self._infusions = {str(n): _Infusion(seed + n) for n in range(1, fresenius.MODULES + 1)}
        self._sessions: set[str] = set()
        self._enquired_at = self._alive_at = float("-inf")

    def tick(self, time_s: float) -> list[Measured]:
        """Ask whether the host lives; without a host there are no sessions."""
        if time_s - self._alive_at > _FORGETS_S:
            self._sessions.clear()
        if not self._sessions or time_s - self._enquired_at < _ENQUIRY_S:
            return []
        self._enquired_at = time_s
        return [Measured(bytes((ENQ,)))]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Answer each question after acknowledging it."""
        self._alive_at = time_s if DC4 in data else self._alive_at
        said: list[Measured] = []
        for one in self._reader.feed(data.replace(bytes((DC4,)), b"")):
            if isinstance(one, Signal):
                continue
            self._alive_at = time_s
            command = ";".join((one.status, *one.values))
            said += [Measured(bytes((ACK,))), self._answer(one.address, command, time_s)]
        said += [Measured(bytes((NAK, 0x32)))] * self._reader.wrong
        self._reader.wrong = 0
        return said

    def _answer(self, address: str, command: str, time_s: float) -> Measured:
        if command == fresenius.CONNECT:
            self._sessions.add(address)
            return _said(address, "C")
        if fresenius.BASE not in self._sessions:
            return _said(address, "I", "0D")
        if address not in self._sessions:
            return _said(address, "I", "1E")
        answers: dict[str, Callable[[], Measured]] = {
            fresenius.WHICH_MODULES: lambda: _said(address, "C", "b1F"),
            fresenius.DEVICE_TYPE: lambda: _said(address, "C", "bDPS"),
            fresenius.DRUG: lambda: _said(address, "C", f"DRUG {address}"),
            fresenius.VARIABLES: lambda: self._variables(address, time_s),
        }
        return answers.get(command, lambda: _said(address, "I", "01"))()

    def _variables(self, address: str, time_s: float) -> Measured:
        infusion = self._infusions[address]
        rate = infusion.rate(time_s) if self.on_patient else Decimal(0)
        delivered = infusion.delivered(time_s)
        digits = (f"d{int(rate * 10):04X}", f"r{int(delivered * 1000):08X}")
        state = ("a0000", "m0001", "e0000") if self.on_patient else ("a0002", "m0000", "e0000")
        names = (fresenius.metric(int(address), name) for name in ("rate", "delivered"))
        return _said(
            address,
            "C",
            *digits,
            *state,
            values=dict(zip(names, (float(rate), float(delivered)), strict=True)),
        )


def _said(address: str, status: str, *values_told: str, values: dict[str, float] | None = None) -> Measured:
    return Measured(Reply(address, status, values_told).encode(), values or {})


SIMULATORS: dict[str, MakeSim] = {"alaris-gh": AlarisSim, "fresenius-orchestra": FreseniusSim}
