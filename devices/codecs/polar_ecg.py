"""The ECG of a Polar strap by its Measurement Data service: starts the stream, and reads it.

    control.data_to_send()      # 01 00: which settings are there?
    control.receive_data(...)   # F0 01 00 ...: 130 Hz, 14 bit; owes 02 00 00 01 82 00 01 01 0E 00
    ecg.receive_data(...)       # 00 TIME 00 SAMPLES: Waveform `ecg_i`

Samples are microvolts.
The specification knows but one frame of ECG (3 bytes, microvolts). Others, which Polar's SDK has for other
devices, and the differences that no document gives a resolution for, are told as UNMAPPED, never as numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from devices.codecs import Codec, Host, Said
from devices.codecs.device_clock import device_time
from devices.codecs.gatt import ValueCodec
from devices.codecs.int16_samples import waveform
from devices.codecs.polar_pmd import (
    ALREADY_IN_STATE,
    CONTROL,
    DATA,
    ECG,
    GET_SETTINGS,
    RAW_MICROVOLTS,
    START,
    SUCCESS,
    Frame,
    Response,
    Stopped,
    decode_control,
    decode_settings,
    get_settings,
    start,
)
from devices.codecs.sample_clock import SampleClock
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, later

RATE_HZ = 130
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - the device's clock has no zone
_UNSET_YEAR = 2019
"""Where the clock of an H10 begins when nobody has set it (Polar BLE SDK, Time system in Polar devices)."""
_MILLIVOLTS = Decimal("0.001")
"""The unit of `ecg_i`, of a sample in microvolts."""
_OPERATIONS = {GET_SETTINGS: "get-ecg-settings", START: "start-ecg"}


@dataclass
class Stream:
    """What the codecs of one connection know of its stream."""

    heard: Instant | None = None
    """When its last frame came."""


class ControlCodec(ValueCodec):
    """The control point. Gives REFUSED where the strap refuses or does not answer; then it asks again.

    An error answers whatever was asked last: an H10 says `F0 00 01 0A` when the MTU is too small.
    """

    PATIENCE_S = 5.0
    SILENCE_S = 40.0
    """A stream may take 30 s to begin (polar-ble-sdk issue 424)."""
    RETRY_S = 30.0
    _MOST_PARAMETERS = 512

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream
        self._deadline: Instant | None = None
        self._outgoing = get_settings(ECG)
        self._asked: int | None = GET_SETTINGS
        self._parameters = b""

    def data_to_send(self) -> bytes:
        """The command that is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When an answer or the stream is overdue, or bad values are to be told."""
        deadline = self._deadline if self._deadline is not None else Instant(0)
        bad = self._bad.due()
        return deadline if bad is None else min(deadline, bad)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask again where nothing came."""
        said = super().handle_timer(now)
        if self._deadline is None:
            self._deadline = later(now, self.PATIENCE_S)
        elif now >= self._deadline:
            said += self._overdue(now)
        return said

    def _overdue(self, now: Instant) -> list[Said]:
        heard, unanswered = self._stream.heard, self._asked
        if unanswered is None and heard is not None and now < later(heard, self.SILENCE_S):
            self._deadline = later(heard, self.SILENCE_S)
            return []
        self._ask(GET_SETTINGS, get_settings(ECG), now)
        return [] if unanswered is None else [_refused(unanswered, "none", now)]

    def _ask(self, operation: int, command: bytes, now: Instant) -> None:
        self._asked, self._outgoing, self._parameters = operation, command, b""
        self._deadline = later(now, self.PATIENCE_S)

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        match decode_control(data):
            case Response() as response:
                return self._answered(response, now)
            case Stopped(kinds) if ECG in kinds:
                self._asked, self._deadline = None, later(now, self.PATIENCE_S)
                self._stream.heard = None
                return []
            case _:
                return []

    def _answered(self, response: Response, now: Instant) -> list[Said]:
        asked = self._asked
        if asked is None:
            return []
        if response.status not in (SUCCESS, ALREADY_IN_STATE):
            self._asked, self._deadline = None, later(now, self.RETRY_S)
            self._stream.heard = None
            return [_refused(asked, response.status_name, now)]
        if (response.operation, response.kind) != (asked, ECG):
            return []
        if asked == START:
            self._asked, self._deadline = None, later(now, self.SILENCE_S)
            return []
        self._parameters = (self._parameters + response.parameters)[: self._MOST_PARAMETERS]
        if not response.more:
            self._ask(START, start(ECG, decode_settings(self._parameters)), now)
        return []


class EcgCodec(ValueCodec):
    """The data. Gives `ecg_i`, and DEVICE_CLOCK at the first frame and whenever the strap's clock was set."""

    def __init__(self, stream: Stream) -> None:
        super().__init__()
        self._stream = stream
        self._clock = SampleClock(RATE_HZ * 1000)
        self._last = b""
        self._unmapped: set[tuple[int, int]] = set()

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        frame = Frame.decode(data)
        if (frame.kind, frame.form) != (ECG, RAW_MICROVOLTS):
            return self._other(frame, now)
        microvolts = frame.microvolts()
        if data == self._last:
            raise BadBytes("range", "expected samples later than the last ones, got the same ones again")
        self._last, self._stream.heard = data, now
        return [*self._waveform(frame, microvolts, now), *self._bad.told(now)]

    def _waveform(self, frame: Frame, microvolts: tuple[int, ...], now: Instant) -> list[Said]:
        span = self._clock.place(frame.time_ns, len(microvolts), now)
        wave = waveform("ecg_i", microvolts, span, _MILLIVOLTS)
        return [*_device_clock(frame.time_ns, span.at), wave] if span.anew else [wave]

    def _other(self, frame: Frame, now: Instant) -> list[Said]:
        """Another stream, or a form of ECG that no document explains: told once."""
        found = frame.kind, frame.form
        if found in self._unmapped or len(self._unmapped) > 100:
            return []
        self._unmapped.add(found)
        detail = {"code": f"{frame.kind}/{frame.form}", "system": "polar-pmd", "value": frame.content.hex()}
        return [DeviceEvent(EventKind.UNMAPPED, now, detail)]


def linked(_host: Host) -> Mapping[str, Codec]:
    """The codecs of one connection: the control point starts the stream that the other reads."""
    stream = Stream()
    return {CONTROL: ControlCodec(stream), DATA: EcgCodec(stream)}


def _device_clock(time_ns: int, at: Instant) -> list[DeviceEvent]:
    try:
        time = _EPOCH + timedelta(microseconds=time_ns // 1000)
    except OverflowError:
        return []
    return [device_time(time).event(at, is_set=time.year > _UNSET_YEAR)]


def _refused(operation: int, answer: str, now: Instant) -> DeviceEvent:
    return DeviceEvent(EventKind.REFUSED, now, {"command": _OPERATIONS[operation], "answer": answer})
