"""Nordic nRF52840 DK. Source: nRF52840 Development Kit user guide 1.x, "connector interface"; PS 1.8.

MicroPython's nRF port (1.29) has no `bluetooth`, so no aioble, and no `machine.WDT`: this board speaks over
its serial port, and nothing resets it when it hangs.
"""

NAME = "nrf52"
UART = (0, 6, 8)
"""Number, transmit, receive: those of the debugger's USB serial port."""
I2C = (0, 27, 26, 100000)
"""Number, clock, data, hertz: the MLX90614 allows no more."""
SPI = (1, 47, 45, 46, 500000)
"""Number, clock, out, in, hertz: P1.15, P1.13, P1.14, the Arduino connector's."""
ECG = "ads1292r"
"""Or "ad8232", or None: what is soldered on."""
SPI_SELECT = 44
ECG_READY = 43
ADC_ECG = 3
ADC_CUFF = 4
ADC_BATTERY = 28
TIMER = 1
"""The timer of the AD8232's samples."""
LEADS_OFF = (29, 30)
INPUTS = (11, 12, 24, 25, None, None, None, None)
"""By bit of `wire.INPUTS`: each pulls its pin to ground while it is on. These are the kit's four buttons."""
REFERENCE_MV = 3300
FLASH_FROM, FLASH_PAGES = 0, 16
SLOTS_FROM, SLOTS_PAGES = 16, 50
"""Log and two slots of 96 kB, behind the ring. No update moves them: the loader, which stays, looks here.

With the tree that is flashed they need MicroPython built with FS_SIZE=512K, not the port's 64.
"""
BLE = False
WIFI = False
WATCHDOG_MS = None
