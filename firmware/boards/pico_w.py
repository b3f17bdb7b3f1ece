"""Raspberry Pi Pico W (RP2040, CYW43439). Source: its data sheet (2024), figure 4; RP2040's, 1.4.2.

GPIO 23, 24, 25 and 29 are the radio's.
"""

NAME = "pico_w"
UART = (1, 4, 5)
"""Number, transmit, receive."""
I2C = (0, 1, 0, 100000)
"""Number, clock, data, hertz: the MLX90614 allows no more."""
SPI = (0, 18, 19, 16, 500000)
"""Number, clock, out, in, hertz: the ADS1292R's."""
ECG = "ads1292r"
"""Or "ad8232", or None: what is soldered on."""
SPI_SELECT = 17
ECG_READY = 20
ADC_ECG = 26
ADC_CUFF = 27
ADC_BATTERY = 28
TIMER = -1
"""The timer of the AD8232's samples."""
LEADS_OFF = (21, 22)
INPUTS = (6, 7, 8, 9, 10, 11, 12, 13)
"""By bit of `wire.INPUTS`: each pulls its pin to ground while it is on."""
REFERENCE_MV = 3300
FLASH_FROM, FLASH_PAGES = 0, 16
"""Pages at the beginning of the file system's part of the flash, which then is 264 kB shorter, of 848."""
SLOTS_FROM, SLOTS_PAGES = 16, 50
"""Log and two slots of 96 kB, behind the ring. No update moves them: the loader, which stays, looks here."""
BLE = True
WIFI = True
WATCHDOG_MS = 8000
"""The RP2040's watchdog has 8388 ms at the most."""
