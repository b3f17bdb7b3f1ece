"""A plug-in's worker that behaves badly; the first argument says how. It never reads all that it is given."""

import os
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    how, began = sys.argv[1], sys.argv[2]
    Path(began).write_text(str(os.getpid()))
    match how:
        case "hang":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(0.05)
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "raise":
            raise ValueError("Muster^Anna")
        case "nonsense":
            sys.stdout.write("[1, 2")
        case _:
            sys.stdout.write('{"findings": [{"code": 1}]}')


main()
