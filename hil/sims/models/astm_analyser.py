"""A simulated haematology analyser that speaks ASTM: a synthetic blood count every `EVERY_S`.

It is the sending side of LIS01-A2: it waits for an ACK before each frame, sends a frame again at a NAK, up to
six times, and gives up (EOT) when no answer comes for 15 s; a NAK to its ENQ makes it wait 10 s (E1381-95,
sections 6.2 and 6.5).
"""

from devices.codecs.astm.frames import ACK, ENQ, EOT, NAK, encode_frames
from devices.codecs.astm.records import encode_header, encode_record
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

_TESTS = (("WBC", 7.2, 2.0, "10*3/uL"), ("RBC", 4.6, 0.5, "10*6/uL"), ("HGB", 13.8, 1.5, "g/dL"))
_BUSY_S, _PATIENCE_S, _RETRIES = 10.0, 15.0, 6


class AstmAnalyser:
    """One analyser and its specimens."""

    EVERY_S = 20.0
    period_s = 1.0

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        seed = patient.heart_rate(0.0)
        self._counts = [
            (name, Wander(seed, middle, swing, 600.0), unit) for name, middle, swing, unit in _TESTS
        ]
        self._frames: list[bytes] = []
        self._place = -1
        """The frame that was sent last; -1: the ENQ."""
        self._tries = 0
        self._specimens = 0
        self._next_s = 0.0
        self._asked_s: float | None = None

    def tick(self, time_s: float) -> list[Measured]:
        """Begin a message when it is time; give up one that nobody answers."""
        if self._asked_s is not None:
            return self._ended(time_s) if time_s - self._asked_s >= _PATIENCE_S else []
        if time_s < self._next_s:
            return []
        if not self._frames:
            self._specimens += 1
            self._frames = encode_frames(self._records(time_s))
        self._place, self._tries, self._asked_s = -1, 0, time_s
        return [Measured(bytes((ENQ,)))]

    def heard(self, data: bytes, time_s: float) -> list[Measured]:
        """Go on at an ACK, repeat at a NAK."""
        said: list[Measured] = []
        for octet in data:
            if self._asked_s is not None and octet in (ACK, NAK):
                said += self._answered(octet == ACK, time_s)
        return said

    def _answered(self, agreed: bool, time_s: float) -> list[Measured]:
        if agreed:
            self._place, self._tries = self._place + 1, 0
        elif self._place < 0:
            self._asked_s, self._next_s = None, time_s + _BUSY_S
            return []
        else:
            self._tries += 1
        if self._place == len(self._frames):
            self._frames = []
            return self._ended(time_s)
        if self._tries >= _RETRIES:
            return self._ended(time_s)
        self._asked_s = time_s
        return [Measured(self._frames[self._place])]

    def _ended(self, time_s: float) -> list[Measured]:
        """EOT: a message that was not acknowledged to its end is sent again."""
        self._asked_s = None
        self._next_s = time_s + (_BUSY_S if self._frames else self.EVERY_S)
        return [Measured(bytes((EOT,)))]

    def _records(self, time_s: float) -> list[bytes]:
        specimen = f"SIM{self._specimens:06d}"
        records = [
            encode_header(["", "", ["SIM-XN", "1.0"], "", "", "", "", "", "", "P", "LIS2-A2"]),
            encode_record(["P", "1", "", f"PAT{self._specimens:04d}"]),
            encode_record(["O", "1", specimen, "", "", "R", "", "", "", "", "", "N"]),
        ]
        for number, (name, wander, unit) in enumerate(self._counts, 1):
            value = f"{wander.at(time_s):.2f}" if self.on_patient else "-----"
            status = "F" if self.on_patient else "X"
            records.append(
                encode_record(
                    ["R", str(number), ["", "", "", "", name, "1"], value, unit, "", "N", "", status]
                )
            )
        return [*records, encode_record(["L", "1", "N"])]


SIMULATORS: dict[str, MakeSim] = {"astm-analyser-serial": AstmAnalyser, "astm-analyser-tcp": AstmAnalyser}
