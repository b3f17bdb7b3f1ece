"""The smallest node: a BBC micro:bit (nRF51822, Cortex-M0, MicroPython 1.9.2 with 9 kB of heap)."""
