"""BBC micro:bit v1 (nRF51822, 16 kB of memory). Source: tech.microbit.org, "edge connector and pins" (v1.5).

MicroPython 1.9.2: its pins and buses are the module `microbit`'s; see firmware/microbit. Oximetry needs more
memory than it has.
"""

NAME = "microbit"
UART = (0, None, None)
"""The USB's serial port."""
I2C = (0, 19, 20, 100000)
"""Pins of the edge connector, which the accelerometer shares."""
SPI = ECG = SPI_SELECT = ECG_READY = ADC_ECG = ADC_CUFF = ADC_BATTERY = None
TIMER = LEADS_OFF = None
INPUTS = (0, 1, 2, None, None, None, None, None)
"""Pins of the edge connector, by bit of `wire.INPUTS`."""
REFERENCE_MV = 3000
FLASH_FROM, FLASH_PAGES = 0, 4
SLOTS_FROM, SLOTS_PAGES = None, 0
"""No room for a second image: it is flashed over USB as a whole, and an OFFER gets no answer."""
BLE = False
WIFI = False
WATCHDOG_MS = None
