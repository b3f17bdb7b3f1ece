"""The vital-sign node on a board with a serial port, and with Bluetooth where the board has it.

    from firmware.boards import pico_w
    from firmware.hal.main import run
    run(pico_w, rp2.Flash())

`device` is the block device of the ring: `rp2.Flash()`, or `esp32.Partition.find(label="ring")[0]`.
"""

import asyncio
import os

import machine

from devices.codecs.node import wire
from firmware.core import selftest
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.station import Station
from firmware.hal import buses, pins, power
from firmware.hal.clock import Clock
from firmware.hal.flash import BlockFlash
from firmware.sensors import ads1292r, analogue, readers
from firmware.sensors.max30102 import Max30102
from firmware.sensors.mlx90614 import Mlx90614

VERSION = 1
_SLOT = 256
_TURN_S = 0.01
_ECG_MS = 200


class Board:
    """The node and its sensors on `board`."""

    def __init__(self, board, device) -> None:
        self.now = Clock().now
        flash = BlockFlash(device, board.FLASH_FROM, board.FLASH_PAGES)
        ring = Ring(flash, _SLOT, int.from_bytes(os.urandom(4), "big"))
        failed = selftest.run([selftest.computes])
        self.about = {
            wire.BOARD: board.NAME,
            wire.VERSION: VERSION,
            wire.SELF_TEST: failed,
            wire.CAUSE: power.cause(),
        }
        self.node = Node(ring, self.about, 0)
        bus = buses.i2c(board)
        self.oximeter = readers.Oximeter(Max30102(bus))
        self.thermometer = Mlx90614(bus)
        cuff, self._cell = pins.Converter(board.ADC_CUFF), pins.Converter(board.ADC_BATTERY)
        sensors = [
            (200, self.oximeter.poll),
            (1000, self.oximeter.items),
            (10000, readers.thermometer(self.thermometer)),
            (500, readers.gauge(readers.CUFF, lambda: analogue.cuff_pressure(cuff.read()))),
            (60000, self._charge),
        ]
        self.station = Station(self.node, sensors, 0)
        self.ecg = self._start_ecg(board)
        self.tasks = []
        self.radios = []

    def _charge(self) -> list:
        """The battery's charge goes with the next HELLO."""
        percent = analogue.battery(self._cell.read())[0]
        if percent is not None:
            self.about[wire.BATTERY] = percent
        return []

    def _start_ecg(self, board) -> "readers.Ecg | None":
        """The ECG. The ADS1292R says when it has a sample; for the AD8232 a timer does."""
        if board.ECG is None:
            return None
        rate_hz = ads1292r.RATE_HZ
        if board.ECG == "ad8232":
            ecg = readers.Ecg(pins.Ad8232(board), rate_hz * 1000)
            self._timer = machine.Timer(board.TIMER, freq=rate_hz, callback=ecg.take)
            return ecg
        chip = ads1292r.Ads1292r(
            buses.spi(board), machine.Pin(board.SPI_SELECT, machine.Pin.OUT, value=1).value
        )
        if chip.start():
            self.node.log(40, "the ADS1292R does not answer")
            return None
        ecg = readers.Ecg(chip, rate_hz * 1000)
        machine.Pin(board.ECG_READY, machine.Pin.IN).irq(ecg.take, machine.Pin.IRQ_FALLING)
        return ecg


async def live(board, device) -> None:
    """Measure, send, hear, for ever."""
    node, serial, watchdog = Board(board, device), buses.Serial(board), power.Watchdog(board.WATCHDOG_MS)
    if board.BLE:
        _begin_radio(node)
    flushed = node.now()
    while True:
        now = node.now()
        node.station.turn(now)
        if node.ecg and now - flushed >= _ECG_MS:
            flushed = now
            node.ecg.flush(node.node, now)
        node.node.receive(serial.read(), now)
        if serial.is_free():
            frame = node.node.to_send(now)
            serial.write(frame)
            for radio in node.radios if frame else ():
                radio.send(frame)
        watchdog.feed()
        await asyncio.sleep(_TURN_S)


def _begin_radio(node: Board) -> None:
    """The Bluetooth peripheral and its tasks."""
    from firmware.hal.ble import Peripheral  # noqa: PLC0415 - a board without a radio has no aioble

    radio = Peripheral("Wardlink node")
    node.radios.append(radio)
    heard = radio.run(lambda data: node.node.receive(data, node.now()))
    node.tasks = [asyncio.create_task(heard), asyncio.create_task(_tell(radio, node))]


async def _tell(radio, node: Board) -> None:
    """The standard services, each second; the temperature each ten."""
    second = 0
    while True:
        radio.oximetry(node.oximeter.said)
        if second % 10 == 0:
            radio.battery(node.about.get(wire.BATTERY))
            await radio.temperature(node.thermometer.object()[0])
        second += 1
        await asyncio.sleep(1)


def run(board, device) -> None:
    """Start."""
    asyncio.run(live(board, device))
