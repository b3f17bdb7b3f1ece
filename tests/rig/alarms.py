"""Which alarms the controller's ledger gets, and when: looked at again and again, beside what a test does."""

import threading
import time
from typing import Self

from hil.measure.delays import Paired, paired
from hil.rig.ledger import Ledger
from hil.rig.site import until

LOOK_S = 0.01
"""Between two looks: as exactly as this it is known when an alarm came (half of it to either side, k = 2)."""


class Alarms:
    """Each beginning of the alarm `code` while the block lasts, on the monotonic clock.

    with Alarms(rig.ledger, "temp-high") as alarms:
        alarms.stimulus(at)
        alarms.paired().delays
    """

    def __init__(self, ledger: Ledger, code: str) -> None:
        self.stimuli, self.came = list[float](), list[float]()
        self._ledger, self._code = ledger, code
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="alarms", daemon=True)

    def __enter__(self) -> Self:
        self._after = self._ledger.mark().alert
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def stimulus(self, at: float, within_s: float = 60.0) -> None:
        """Something that has to raise it was done `at`: wait until it did. Raises NotReady."""
        self.stimuli.append(at)
        until(f"{self._code} is raised", lambda: len(self.came) >= len(self.stimuli), within_s, LOOK_S)

    def until_over(self) -> None:
        """Wait until it is not raised any more. Raises NotReady."""
        until(f"{self._code} is over", lambda: not self._ledger.is_raised(self._code))

    def paired(self) -> Paired:
        """Which alarm belongs to which stimulus."""
        return paired(self.stimuli, self.came)

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_S):
            many = self._ledger.beginnings(self._code, self._after)
            self.came += [time.monotonic()] * (many - len(self.came))
