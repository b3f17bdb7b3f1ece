"""Collects a run's evidence: what a test says is kept at once, and one signed file is made in the end."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hil.errors import BadMeasurement
from hil.evidence import requirements
from hil.evidence.bench_key import BenchKey
from hil.evidence.bundle import is_name, pack
from hil.evidence.figures import Figure
from hil.evidence.junit import junit
from hil.evidence.measurement import AnyMeasurement
from hil.evidence.report import report
from hil.evidence.run import Covered, Fault, Outcome, Part, Result, Run, Taken
from hil.evidence.stored import Record

RIG = "rig.yaml"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass
class Evidence:
    """Of one run. Raw bytes and logs are written to `folder` as they come: a killed run leaves them there."""

    folder: Path
    rig: str
    seed: int
    command: str
    """Repeats the run, word by word."""
    began_utc_us: int
    rig_file: Path | None = None
    """The rig's YAML; it goes into the bundle."""

    def __post_init__(self) -> None:
        if not is_name(self.rig) or "/" in self.rig:
            raise BadMeasurement(f"expected a name of letters, digits, dots and dashes, not {self.rig!r}")
        self._run = Run(self.rig, self.seed, self.began_utc_us, self.command)
        self._taken: list[Taken] = []
        self._figures: list[Figure] = []
        self._files: list[str] = []
        if self.rig_file:
            self._write(RIG, self.rig_file.read_bytes())

    @property
    def record(self) -> Record:
        """What there is until now."""
        return Record(self._run, tuple(self._taken), tuple(self._figures))

    def real(self, part: str, description: str) -> None:
        """A part of the rig that is the thing itself, described in plain words."""
        self._run = replace(self._run, parts=(*self._run.parts, Part(part, True, description)))

    def faked(self, part: str, description: str) -> None:
        """A part of the rig that something else stands for: say what, in plain words."""
        self._run = replace(self._run, parts=(*self._run.parts, Part(part, False, description)))

    def digest(self, what: str, sha256: str) -> None:
        """Software or firmware that ran. Raises BadMeasurement."""
        if not _SHA256.fullmatch(sha256):
            raise BadMeasurement(f"{what}: expected SHA-256 in 64 hexadecimal digits, not {sha256!r}")
        self._run = replace(self._run, digests=(*self._run.digests, (what, sha256)))

    def note(self, sentence: str) -> None:
        """What a reader has to know to judge it."""
        self._run = replace(self._run, notes=(*self._run.notes, sentence))

    def outcome(self, test: str, result: Result, seconds: float, why: str = "") -> None:
        """What became of a test; whatever did not pass says why. Raises BadMeasurement."""
        if result is not Result.PASSED and not why:
            raise BadMeasurement(f"{test}: {result} without a reason")
        one = Outcome(test, result, seconds, why)
        self._run = replace(self._run, outcomes=(*self._run.outcomes, one))

    def measure(self, measured: AnyMeasurement, test: str = "") -> AnyMeasurement:
        """A value or a distribution, taken in `test`; returns it, for its judgement."""
        self._taken.append(Taken(test, measured))
        return measured

    def fault(self, fault: Fault) -> None:
        """A fault that was brought about, for the timeline."""
        self._run = replace(self._run, faults=(*self._run.faults, fault))

    def figure(self, figure: Figure) -> None:
        """A picture of the report: its data."""
        self._figures.append(figure)

    def covers(self, requirement: str, test: str) -> None:
        """`test` speaks to this row of docs/requirements.csv. Raises BadMeasurement when there is none."""
        one = Covered(requirement, requirements.text(requirement), test)
        if one not in self._run.covered:
            self._run = replace(self._run, covered=(*self._run.covered, one))

    def attach(self, name: str, data: bytes) -> None:
        """Raw bytes, as raw/`name`. Raises BadMeasurement when the name is none, or taken."""
        self._write(f"raw/{name}", data)

    def log(self, name: str, text: str) -> None:
        """A log, as logs/`name`. Raises BadMeasurement when the name is none, or taken."""
        self._write(f"logs/{name}", text.encode("utf-8", "backslashreplace"))

    def close(self, sign: BenchKey, say: Callable[[str], object] = lambda _: None) -> Path:
        """Make the bundle in the folder and return its path; `say` takes a sentence about it."""
        kept = {name: (self.folder / name).read_bytes() for name in self._files}
        record = self.record
        files = {
            **kept,
            **record.files(),
            "junit.xml": junit(record),
            "report.html": report(record, sign.fingerprint, sorted(kept)).encode(),
        }
        path = self.folder / f"{self.rig}-{self.seed}-{self.began_utc_us // 1_000_000}.zip"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pack(files, sign))
        say(f"{path}: {record.verdict}, signed by the bench's key {sign.fingerprint}")
        return path

    def _write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        if not is_name(name) or name in self._files:
            raise BadMeasurement(f"expected another name than {name!r}: it is no name, or already taken")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._files.append(name)
