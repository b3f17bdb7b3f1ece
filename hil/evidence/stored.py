"""A run as JSON in its bundle, checked when it is read again: run.json, measurements.json, figures.json."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from hil.errors import BadBundle, BadMeasurement
from hil.evidence.figures import Figure
from hil.evidence.run import Run, Taken, Verdict, verdict

RUN, MEASUREMENTS, FIGURES = "run.json", "measurements.json", "figures.json"
_RUN = TypeAdapter(Run)
_TAKEN = TypeAdapter(tuple[Taken, ...])
_FIGURES = TypeAdapter(tuple[Figure, ...])


@dataclass(frozen=True, slots=True)
class Record:
    """A run with what was measured and what is drawn of it."""

    run: Run
    taken: tuple[Taken, ...] = ()
    figures: tuple[Figure, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """That which follows from it."""
        return verdict(self.run, self.taken)

    def files(self) -> dict[str, bytes]:
        """As the bundle has it."""
        return {
            RUN: _RUN.dump_json(self.run, indent=1),
            MEASUREMENTS: _TAKEN.dump_json(self.taken, indent=1),
            FIGURES: _FIGURES.dump_json(self.figures),
        }


def read(files: Mapping[str, bytes]) -> Record:
    """The record in a bundle's files. Raises BadBundle."""
    try:
        return Record(
            _RUN.validate_json(files[RUN]),
            _TAKEN.validate_json(files[MEASUREMENTS]),
            _FIGURES.validate_json(files[FIGURES]),
        )
    except KeyError as error:
        raise BadBundle(f"{error.args[0]} is missing") from error
    except (ValidationError, BadMeasurement) as error:
        raise BadBundle(f"the record cannot be read: {error}") from error
