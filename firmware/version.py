"""Which version of the firmware this is: it only grows. `firmware.build --version N` writes its own."""

VERSION = 1
