"""What touches the machine: MicroPython 1.24 or later. Everything else of the firmware is handed it."""
