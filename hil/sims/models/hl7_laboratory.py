"""A simulated laboratory system that sends ORU^R01 over MLLP: a synthetic blood count every `EVERY_S`.

It waits for the acknowledgement of a message before the next, and sends one again that is not acknowledged
within 10 s or is refused for an error.
"""

from devices.codecs.health import BadByteCounter
from devices.codecs.hl7.message import Marks, Message, encode_segment
from devices.codecs.hl7.mllp import MllpReader, encode
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

_TESTS = (
    ("6690-2", "Leukocytes", 7.2, 2.0, "10*9/L"),
    ("718-7", "Hemoglobin", 138.0, 12.0, "g/L"),
    ("2345-7", "Glucose", 95.0, 20.0, "mg/dL"),
)
_PATIENCE_S = 10.0


class Laboratory:
    """One laboratory and its specimens."""

    EVERY_S = 15.0
    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        seed = patient.heart_rate(0.0)
        self._tests = [
            (code, name, Wander(seed, middle, swing, 600.0), unit)
            for code, name, middle, swing, unit in _TESTS
        ]
        self._reader = MllpReader(BadByteCounter())
        self._control = 0
        self._message = b""
        self._due_s = 0.0

    def tick(self, time_s: float) -> list[Measured]:
        """Send what is due: a new message, or one that was not acknowledged."""
        if time_s < self._due_s:
            return []
        if not self._message:
            self._control += 1
            self._message = encode(self._oru(time_s))
        self._due_s = time_s + _PATIENCE_S
        return [Measured(self._message)]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """An acknowledgement of the message lets it be forgotten."""
        for found in self._reader.feed(data):
            msa = Message.parse(found.content).find("MSA")
            if msa.text(1) == "AA" and msa.text(2) == str(self._control):
                self._message, self._due_s = b"", time_s + self.EVERY_S
        return []

    def _oru(self, time_s: float) -> bytes:
        marks = Marks()
        specimen = f"SIM{self._control:06d}"
        lines = [
            encode_segment(
                "MSH",
                {3: "SIMLIS", 4: "LAB", 9: "ORU^R01^ORU_R01", 10: str(self._control), 11: "P", 12: "2.5.1"},
                marks,
            ),
            encode_segment("PID", {1: "1", 3: f"PAT{self._control:04d}^^^LAB^MR"}, marks),
            encode_segment("OBR", {1: "1", 2: specimen, 4: "58410-2^CBC panel^LN"}, marks),
        ]
        for number, (code, name, wander, unit) in enumerate(self._tests, 1):
            value = f"{wander.at(time_s):.1f}" if self.on_patient else ""
            status = "F" if self.on_patient else "X"
            fields = {1: str(number), 2: "NM", 3: f"{code}^{name}^LN", 5: value, 6: unit, 11: status}
            lines.append(encode_segment("OBX", fields, marks))
        return "".join(line + "\r" for line in lines).encode()


SIMULATORS: dict[str, MakeSim] = {"hl7-oru-laboratory": Laboratory}
