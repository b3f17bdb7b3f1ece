"""ESP32 DevKitC (ESP32-WROOM-32). Source: ESP32 Series data sheet 4.x, table "IO_MUX"; esp-dev-kits guide.

GPIO 6 to 11 are the flash's, 34 to 39 are inputs only without pull-ups, 0, 2, 5, 12 and 15 are read at boot.
"""

NAME = "esp32"
UART = (1, 17, 16)
"""Number, transmit, receive. UART 0 is the console's."""
I2C = (0, 22, 21, 100000)
"""Number, clock, data, hertz: the MLX90614 allows no more."""
SPI = (2, 18, 23, 19, 500000)
"""Number, clock, out, in, hertz: the ADS1292R's."""
ECG = "ads1292r"
"""Or "ad8232", or None: what is soldered on."""
SPI_SELECT = 4
ECG_READY = 36
ADC_ECG = 34
ADC_CUFF = 35
ADC_BATTERY = 33
TIMER = 0
"""The timer of the AD8232's samples."""
LEADS_OFF = (25, 26)
INPUTS = (13, 14, 27, 32, None, None, None, None)
"""By bit of `wire.INPUTS`: each pulls its pin to ground while it is on."""
REFERENCE_MV = 3300
FLASH_FROM, FLASH_PAGES = 0, 16
"""Pages of the partition `ring`. It has those of the slots, too: 66 in all."""
SLOTS_FROM, SLOTS_PAGES = 16, 50
"""Log and two slots of 96 kB. No update moves them: the loader, which stays, looks here.

In partitions-4MiB.csv: `ring, data, 0x40, 0x3BE000, 0x42000,` behind a `vfs` of 0xAE000 bytes.
"""
BLE = True
WIFI = True
WATCHDOG_MS = 8000
