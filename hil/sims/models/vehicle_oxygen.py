"""Simulated Modbus units of an ambulance: oxygen cylinder, oxygen flow, suction. The oxygen is used up."""

from decimal import Decimal

from devices.codecs.modbus.frames import Refusal, decode_question
from devices.codecs.modbus.registers import Register
from devices.profiles.modbus_oxygen_suction import REGISTERS
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

_FRAME = 8
_FULL_BAR, _REFILL_S = 180.0, 36_000
_BAR_A_SECOND = 0.004


class Units:
    """Three units on one line. With `on_patient` False the transmitters are overloaded and the flow is 0."""

    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self._flow = Wander(patient.temperature(0.0), middle=9.0, swing=3.0, knot_s=60)
        self._suction = Wander(patient.temperature(1.0), middle=30.0, swing=20.0, knot_s=30)
        self._heard = b""

    def tick(self, time_s: float) -> list[Measured]:
        """Nothing: they speak when they are asked."""
        return []

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """The answer of the unit that was asked; nothing if nobody was, or the frame is damaged."""
        self._heard = (self._heard + data)[-_FRAME:]
        question = decode_question(self._heard)
        if question is None or question.unit not in {one.question.unit for one in REGISTERS}:
            return []
        self._heard = b""
        register = next((one for one in REGISTERS if one.question == question), None)
        if register is None:
            return [Measured(question.exception(Refusal.ILLEGAL_DATA_ADDRESS))]
        return [self._answer(register, time_s)]

    def _answer(self, register: Register, time_s: float) -> Measured:
        if not self.on_patient and register.none:
            data = max(register.none).to_bytes(2, "big")
            return Measured(register.question.answer(data), {register.metric: None})
        data = register.encode(Decimal(f"{self._quantity(register.metric, time_s):.4f}"))
        value = register.decode(data)
        assert isinstance(value, Decimal)
        return Measured(register.question.answer(data), {register.metric: float(value)})

    def _quantity(self, metric: str, time_s: float) -> float:
        quantities = {
            "o2_cylinder_pressure": _FULL_BAR - _BAR_A_SECOND * (time_s % _REFILL_S),
            "o2_flow": self._flow.at(time_s) if self.on_patient else 0.0,
            "suction_pressure": self._suction.at(time_s),
        }
        return quantities[metric]


SIMULATORS: dict[str, MakeSim] = {"modbus-oxygen-suction": Units}
