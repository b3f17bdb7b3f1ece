"""A simulated Nonin oximeter on a PTY that writes its samples down, too: the demo's proof is made of them.

It sends data format 2 as the OEM module does: 75 frames a second, 25 to a packet. They leave in groups of
five, as a USB adapter would deliver them. The format selection is answered, 06 for format 2, 15 for others.
"""

import asyncio
import logging

from devices.codecs.nonin_packet import (
    ACK,
    FRAME_BYTES,
    FRAME_HZ,
    FRAMES,
    NAK,
    SELECT_FORMAT_2,
    Packet,
    Status,
)
from hil.sims.dials import Faults
from hil.sims.emitted import Emitted, now_ns
from hil.sims.patient import Patient
from hil.sims.plug import Order, Plug
from hil.sims.pty import Pty
from hil.ward import Folder, WardDevice

log = logging.getLogger(__name__)
_GROUP = 5
_GROUP_S = _GROUP / FRAME_HZ
_SELECT, _SELECT_BYTES = SELECT_FORMAT_2[:4], len(SELECT_FORMAT_2)
_GARBAGE = bytes(range(0x80, 0xA8))
_SICKNESS = 22
"""Percent that the oxygen of a sick patient is lower: an alarm of high priority."""
_DRAIN_S = 0.3
_LATEST_S = 0.1
"""So late it may be and still keep its time."""
"""A PTY forgets at its closing what was not read: it stays open so long after the last byte."""


class NoninSim:
    """One oximeter on a patient's finger, its port and its plug."""

    def __init__(self, device: WardDevice, folder: Folder, patient: Patient | None = None) -> None:
        self._device = device
        self._folder = folder
        self._patient = patient or Patient(device.seed)
        self._on_finger = True
        self._plugged_in = asyncio.Event()
        self._plugged_in.set()
        self._is_sick = False
        self._is_frozen = False
        self._garbage = False
        self._heard = b""

    async def run(self) -> None:
        """Live, until cancelled."""
        name = self._device.id
        with (
            Plug(self._folder.plug(name), self._obey, log.warning),
            Emitted(self._folder.emitted(name)) as emitted,
        ):
            while True:
                await self._plugged_in.wait()
                with Pty(self._folder.port(name)) as port:
                    try:
                        await self._send_packets(port, emitted)
                    finally:
                        await asyncio.sleep(_DRAIN_S)

    async def _send_packets(self, port: Pty, emitted: Emitted) -> None:
        """Until it is unplugged."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while self._plugged_in.is_set():
            at = now_ns()
            packet = self.packet(at / 1e9)
            data, heard = packet.encode(), True
            if not self._is_frozen:
                emitted.sent(at, {"pleth": _samples(packet)})
            for start in range(0, len(data), _GROUP * FRAME_BYTES):
                heard &= not self._is_frozen and port.write(data[start : start + _GROUP * FRAME_BYTES])
                is_last = start + _GROUP * FRAME_BYTES == len(data)
                if is_last and heard:
                    emitted.sent(at, {"pr_spo2": packet.rate, "spo2": packet.spo2})
                # A machine that stood still for a while has missed it: no device sends faster to catch up.
                due = max(due + _GROUP_S, loop.time() - _LATEST_S)
                await asyncio.sleep(due - loop.time())
                self._answer(port)
            if self._garbage:
                self._garbage = not port.write(_GARBAGE)

    def packet(self, time_s: float) -> Packet:
        """The packet that begins at `time_s`; without a finger it has no values and a flat pleth.

        Without a pulse it has no values, and says that it lost track.
        """
        if not self._on_finger:
            return Packet(None, None, (0,) * FRAMES, Status.DISCONNECTED)
        times = (time_s + index / FRAME_HZ for index in range(FRAMES))
        pleth = tuple(round(255 * self._patient.pleth(time)) for time in times)
        if not self._patient.has_pulse(time_s):
            return Packet(None, None, pleth, Status.OUT_OF_TRACK)
        spo2 = self._patient.spo2(time_s) - (_SICKNESS if self._is_sick else 0)
        return Packet(round(self._patient.heart_rate(time_s)), round(spo2), pleth)

    def _answer(self, port: Pty) -> None:
        """Answer each format selection that has come."""
        self._heard += port.read()
        while (start := self._heard.find(_SELECT)) >= 0 and len(self._heard) >= start + _SELECT_BYTES:
            command, self._heard = (
                self._heard[start : start + _SELECT_BYTES],
                self._heard[start + _SELECT_BYTES :],
            )
            port.write(bytes((ACK if command == SELECT_FORMAT_2 else NAK,)))
        self._heard = self._heard[-_SELECT_BYTES:]

    async def dialled(self, faults: Faults) -> None:
        """As the bench has it now (hil/sims/dials.py)."""
        self._obey(Order.OFF if faults.cut else Order.ON)
        self._obey(Order.SENSOR_OFF if faults.sensor_off else Order.SENSOR_ON)
        self._is_frozen = faults.frozen

    def _obey(self, order: Order) -> None:
        log.info("%s: %s", self._device.id, order)
        match order:
            case Order.OFF:
                self._plugged_in.clear()
            case Order.ON:
                self._plugged_in.set()
            case Order.SENSOR_OFF | Order.SENSOR_ON:
                self._on_finger = order is Order.SENSOR_ON
            case Order.GARBAGE:
                self._garbage = True
            case Order.SICK | Order.WELL:
                self._is_sick = order is Order.SICK


def _samples(packet: Packet) -> list[int | None]:
    """The pleth as it is to be stored: no samples without a sensor."""
    has_none = Status.DISCONNECTED in packet.status
    return [None if has_none else sample for sample in packet.pleth]
