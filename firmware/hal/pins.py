"""Pins of a board: converters, electrodes, contacts."""

import machine

from firmware.sensors import analogue

_SAMPLES = 8


class Converter:
    """One analogue pin."""

    def __init__(self, pin: int) -> None:
        self._adc = machine.ADC(machine.Pin(pin))

    def read(self) -> int:
        """16 bits, the mean of eight."""
        return sum(self._adc.read_u16() for _ in range(_SAMPLES)) // _SAMPLES


class Ad8232:
    """The AD8232 on its pins, read as `readers.Ecg` reads a chip. An unplugged one has its electrodes off."""

    def __init__(self, board) -> None:
        self._adc = machine.ADC(machine.Pin(board.ADC_ECG))
        self._off = [machine.Pin(one, machine.Pin.IN, machine.Pin.PULL_UP) for one in board.LEADS_OFF]
        self._supply_mv = board.REFERENCE_MV

    def read(self) -> tuple:
        """(microvolts or None, None, 0 or why)."""
        off = any(pin.value() for pin in self._off)
        microvolts, reason = analogue.ecg(self._adc.read_u16(), off, self._supply_mv)
        return microvolts, None, reason


def contacts(board) -> tuple:
    """(a function that reads the contacts as bits, the bits that are wired)."""
    wired = [bit for bit in range(len(board.INPUTS)) if board.INPUTS[bit] is not None]
    pulled = [(bit, machine.Pin(board.INPUTS[bit], machine.Pin.IN, machine.Pin.PULL_UP)) for bit in wired]
    return lambda: sum([1 << bit for bit, pin in pulled if not pin.value()]), sum([1 << bit for bit in wired])
