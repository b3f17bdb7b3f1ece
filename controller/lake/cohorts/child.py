"""A cohort's question in a process of its own, which gives way to the controller's.

python -m controller.lake.cohorts.child FOLDER < {"definition": …, "members": false}
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from controller.clock import SystemClock
from controller.errors import ControllerError
from controller.lake.cohorts.definition import CohortDefinition
from controller.lake.extra import needed

NICE = 10


def main() -> int:
    """0: the answer is on the standard output, as JSON."""
    os.nice(NICE)
    told = json.load(sys.stdin)
    definition = CohortDefinition.model_validate(told["definition"])
    try:
        with needed():
            from controller.lake.cohorts.asking import asked, members_of  # noqa: PLC0415 - may be missing

            folder = Path(sys.argv[1])
            if told["members"]:
                json.dump([asdict(one) for one in members_of(folder, definition)], sys.stdout)
            else:
                json.dump(asdict(asked(folder, definition, SystemClock())), sys.stdout)
    except ControllerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
