"""The vital-sign node on a board with a serial port, and with Bluetooth where the board has it.

It is begun by `firmware/hal/start.py`: a board's `main.py` is there.
"""

import asyncio
import hashlib
import os

import machine

from devices.codecs.node import wire
from firmware.core import selftest
from firmware.core.node import Node
from firmware.core.rest import may_sleep
from firmware.core.ring import Ring
from firmware.core.slots import Slots
from firmware.core.station import Station
from firmware.core.update import Update
from firmware.hal import buses, pins, power
from firmware.hal.clock import Clock
from firmware.hal.flash import BlockFlash
from firmware.sensors import ads1292r, analogue, readers
from firmware.sensors.cuff import Cuff
from firmware.sensors.max30102 import Max30102
from firmware.sensors.mlx90614 import Mlx90614
from firmware.version import VERSION

_SLOT = 256
_TURN_S = 0.01
_ECG_MS = 200
_SENSORS = 16
"""The bit of `wire.SELF_TESTS`."""


class Board:
    """The node and its sensors on `board`, run from `slot`."""

    def __init__(self, board, device, slot: int) -> None:
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
        slots = Slots(BlockFlash(device, board.SLOTS_FROM, board.SLOTS_PAGES), hashlib.sha256)
        self.update = Update(slots, slot, self.about, self.node, 0)
        if self.update.is_on_trial():
            self.about[wire.CAUSE] = power.UPDATE
        bus = buses.i2c(board)
        self.oximeter = readers.Oximeter(Max30102(bus))
        self.thermometer = Mlx90614(bus)
        cuff, self._cell = pins.Converter(board.ADC_CUFF), pins.Converter(board.ADC_BATTERY)
        zeroed = Cuff(self._sensor_failed)
        sensors = [
            (200, self.oximeter.poll),
            (1000, self.oximeter.items),
            (10000, readers.thermometer(self.thermometer)),
            (500, readers.gauge(readers.CUFF, lambda: zeroed.add(cuff.read()))),
            (60000, self._charge),
        ]
        self.station = Station(self.node, sensors, 0)
        self.ecg = self._start_ecg(board)
        self.tasks = []
        self.radios = []

    def _sensor_failed(self, text: str) -> None:
        """Log it, and say HELLO again: the self-test has failed after all."""
        self.about[wire.SELF_TEST] |= _SENSORS
        self.node.log(40, text)
        self.node.hello()

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


async def live(board, device, slot: int) -> None:
    """Measure, send, hear, for ever."""
    node, serial = Board(board, device, slot), buses.Serial(board)
    watchdog = power.Watchdog(board.WATCHDOG_MS)
    if board.BLE:
        _begin_radio(node)
    networks = _begin_network(node) if board.WIFI else []
    flushed = heard_at = sent_at = node.now()
    while True:
        now = node.now()
        node.station.turn(now)
        if node.ecg and now - flushed >= _ECG_MS:
            flushed = now
            node.ecg.flush(node.node, now)
        heard = serial.read() + b"".join([one.turn(now) for one in networks])
        heard_at = now if heard else heard_at
        node.update.hear(heard, now)
        if node.update.restart:
            machine.reset()
        if serial.is_free():
            frame = node.node.to_send(now)
            serial.write(frame)
            sent_at = now if frame else sent_at
            for radio in node.radios if frame else ():
                radio.send(frame)
        watchdog.feed()
        due, is_busy = node.station.rest(now), bool(node.radios or node.ecg or not serial.is_done())
        if not power.sleep(may_sleep(due, board.WATCHDOG_MS, now - heard_at, now - sent_at, is_busy)):
            await asyncio.sleep(_TURN_S)


def _begin_network(node: Board) -> list:
    """Wi-Fi and MQTT, if the board has the file that says where; else none."""
    from firmware.hal.broker import load  # noqa: PLC0415 - a board without a network has no `socket`
    from firmware.hal.wifi import Network  # noqa: PLC0415

    networks = []
    try:
        settings = load("broker.json")
        networks += [Network(settings)] if settings else []
    except (OSError, ValueError, KeyError) as error:
        node.node.log(40, "broker.json: " + str(error))
    node.radios += networks
    return networks


def _begin_radio(node: Board) -> None:
    """The Bluetooth peripheral and its tasks."""
    from firmware.hal.ble import Peripheral  # noqa: PLC0415 - a board without a radio has no aioble

    radio = Peripheral("Wardlink node")
    node.radios.append(radio)
    heard = radio.run(lambda data: node.update.hear(data, node.now()))
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


def run(board, device, slot: int) -> None:
    """Start, from `slot` (`firmware.core.slots`): the loader calls this of every version."""
    asyncio.run(live(board, device, slot))
