"""Nonin Data Format 7 over a serial line: format 2 (`nonin_df2`) with a pleth of 16 bits.

No byte of its frames is constant. A stream that is joined in the middle is searched for a frame that begins a
packet and has the right sum; one place in some 500 looks like one by chance, and costs a sample of pleth, but
never makes a number. Checked against two independent readers of real devices (dariosalvi78/
cordova-plugin-nonin-bluetooth; MD PnP, nonin/pulseox/Packet.java): they read what we send as we do.
"""

from collections.abc import Sequence
from itertools import groupby

from devices.codecs import Said
from devices.codecs.nonin_df2 import NoninDf2
from devices.codecs.nonin_packet import Frame, WideFrame
from devices.model.observation import Quality

_LOWEST, _HIGHEST = 0, 65535
_MIDDLE = 32768
"""What is taken from a sample to make it an int16; one less where the lowest would become NO_SAMPLE."""


class NoninDf7(NoninDf2):
    """Gives what `NoninDf2` gives; the pleth is 0 to 65535."""

    FORMAT = 7
    FRAME: type[Frame] = WideFrame

    def _waves(self, samples: Sequence[int | None], quality: Quality) -> list[Said]:
        """One waveform; more for a packet that has both extremes, which no int16 can tell from NO_SAMPLE."""
        if _LOWEST not in samples or _HIGHEST not in samples:
            return [self._wave(samples, 0, len(samples), quality, _MIDDLE - (_LOWEST in samples))]
        waves: list[Said] = []
        start = 0
        for is_lowest, run in groupby(samples, lambda sample: sample == _LOWEST):
            end = start + len(list(run))
            waves.append(self._wave(samples, start, end, quality, _LOWEST if is_lowest else _MIDDLE))
            start = end
        return waves
