"""The share of each path, and what follows from how narrow it is: how long records wait for company."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.wire.block import Lane
from devices.wire.share import Share, is_too_narrow, wait_ns
from gateway.choice import WaveChoice
from gateway.gather import WAIT_NS
from gateway.lane import LaneUplink


@dataclass(slots=True)
class Shares:
    """By address: a lane that goes to one of its own may have a slice of its own."""

    lanes: Mapping[Lane, LaneUplink]
    choice: WaveChoice
    _by_url: dict[str, Share] = field(default_factory=dict[str, Share])

    def of(self, url: str) -> Share:
        """That of all lanes that connect to `url`."""
        if url not in self._by_url:
            self._by_url[url] = Share(freed=self._freed)
        return self._by_url[url]

    def wait_ns(self, lane: Lane) -> int:
        """How long records of `lane` wait for company: longer where its path is narrow."""
        rate = self.lanes[lane].rate
        if lane == Lane.WAVE:
            self.choice.is_narrow = is_too_narrow(rate, was=self.choice.is_narrow)
        return wait_ns(WAIT_NS[lane], rate)

    def _freed(self) -> None:
        for lane in self.lanes.values():
            lane.wake()
