"""What a node says, live: for a person beside it. It listens; only if it is told to, it answers as a gateway.

A node that is answered forgets what it said. So this does not answer, and the node keeps all of it for its
gateway, and repeats the oldest: to see it go on, `take` what it says, which then reaches no gateway.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rich.console import Group
from rich.table import Table
from rich.text import Text

from devices.codecs import Said
from devices.codecs.node.vitals import NodeVitals
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, Quality, Reading, Waveform
from devices.rendering import as_text

_EVENTS = 12
"""Lines of what happened that are shown."""
_ROW = ("metric", "value", "unit", "age", "")


@dataclass
class Monitor:
    """Of one node. `write` sends bytes to it."""

    write: Callable[[bytes], object]
    take: bool = False
    """Answer, so that it forgets."""
    about: dict[str, str | int] = field(default_factory=dict[str, str | int])
    newest: dict[str, Reading | Waveform] = field(default_factory=dict[str, Reading | Waveform])
    """By metric."""
    events: deque[DeviceEvent] = field(default_factory=lambda: deque[DeviceEvent](maxlen=_EVENTS))

    def __post_init__(self) -> None:
        self._codec = NodeVitals()

    def heard(self, data: bytes, now: Instant) -> Sequence[Said]:
        """Bytes came, or none for a while. Returns what they say."""
        said = self._codec.receive_data(data, now)
        due = self._codec.next_timer()
        if due is not None and due <= now:
            said += self._codec.handle_timer(now)
        if self.take and self._codec.awaits_journal():
            self._codec.journalled(now)
        if owed := self._codec.data_to_send():
            self.write(owed)
        for one in said:
            self._keep(one)
        return said

    def shown(self, now: Instant) -> Group:
        """Who it is, its newest values with their age, and what happened last."""
        about = "  ".join(f"{name} {value}" for name, value in self.about.items())
        values = Table(*_ROW, box=None, pad_edge=False)
        for name, one in sorted(self.newest.items()):
            values.add_row(name, *_value(one), f"{max(0, now - one.at) / 1e9:.1f} s", _against(one.quality))
        lines = [Text(as_text(one)) for one in self.events]
        return Group(Text(about or "no node has said who it is"), Text(), values, Text(), *lines)

    def _keep(self, one: Said) -> None:
        if not isinstance(one, DeviceEvent):
            self.newest[one.metric] = one
        elif one.kind == EventKind.IDENTITY:
            self.about |= one.detail
        else:
            self.events.append(one)


def _value(one: Reading | Waveform) -> tuple[str, str]:
    unit = METRICS[one.metric].unit if one.metric in METRICS else ""
    if isinstance(one, Waveform):
        return f"{len(one)} samples at {one.rate_mhz / 1000:g} Hz", unit
    return (f"{one.value}", unit) if one.reason is None else (str(one.reason.name).lower(), "")


def _against(quality: Quality) -> str:
    return ", ".join(str(flag.name).lower() for flag in quality)
