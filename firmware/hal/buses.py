"""I2C, SPI and the serial port of a board, and an I2C bus whose data line somebody holds."""

import time

import machine

_CLOCKS = 9


def i2c(board) -> machine.I2C:
    """The board's I2C bus, freed first if a chip holds its data line."""
    number, clock, data, hertz = board.I2C
    release(
        machine.Pin(clock, machine.Pin.OPEN_DRAIN, value=1),
        machine.Pin(data, machine.Pin.OPEN_DRAIN, value=1),
    )
    return machine.I2C(number, scl=machine.Pin(clock), sda=machine.Pin(data), freq=hertz)


def release(clock, data) -> bool:
    """Clock until a chip that was cut off within a byte lets go (UM10204, 3.1.16). Whether it did."""
    for _ in range(_CLOCKS):
        if data.value():
            break
        clock.value(0)
        time.sleep_us(5)
        clock.value(1)
        time.sleep_us(5)
    free = bool(data.value())
    data.value(0)
    time.sleep_us(5)
    data.value(1)
    return free


def spi(board) -> machine.SPI:
    """The board's SPI bus, in mode 1 (the ADS1292R's)."""
    number, clock, out, back, hertz = board.SPI
    pins = machine.Pin(clock), machine.Pin(out), machine.Pin(back)
    return machine.SPI(number, baudrate=hertz, polarity=0, phase=1, sck=pins[0], mosi=pins[1], miso=pins[2])


class Serial:
    """The board's serial port to the host: 115200 8N1. What it does not take now is kept, one frame."""

    def __init__(self, board) -> None:
        number, transmit, receive = board.UART
        self._uart = machine.UART(number, 115200, tx=machine.Pin(transmit), rx=machine.Pin(receive))
        self._rest = b""

    def read(self) -> bytes:
        """What has arrived."""
        return self._uart.read() or b""

    def is_free(self) -> bool:
        """Whether the last frame is on its way as a whole."""
        self.write(b"")
        return not self._rest

    def is_done(self) -> bool:
        """Whether nothing is on its way any more."""
        return not self._rest and bool(self._uart.txdone())

    def write(self, data: bytes) -> None:
        """Send a frame; call only while `is_free`."""
        self._rest += data
        if self._rest:
            self._rest = self._rest[self._uart.write(self._rest) or 0 :]
