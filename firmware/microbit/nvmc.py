"""The last pages of the nRF51's flash, written by its controller (nRF51 Series Reference Manual 3.0, NVMC).

MicroPython's own files lie in the pages before. An erasure takes 21 ms, during which the processor waits.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import machine

_NVMC_CONFIG = 0x4001E504
_NVMC_ERASEPAGE = 0x4001E508
_BEGIN = 0x3F000


class Flash:
    """A flash for `Ring`."""

    page = 1024
    pages = 4

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes."""
        data = bytearray(size)
        for n in range(size):
            data[n] = machine.mem8[_BEGIN + at + n]
        return bytes(data)

    def write(self, at: int, data: bytes) -> None:
        """Clear the bits that are clear in `data`."""
        machine.mem32[_NVMC_CONFIG] = 1
        for n in range(0, len(data), 4):
            machine.mem32[_BEGIN + at + n] = int.from_bytes(data[n : n + 4], "little")
        machine.mem32[_NVMC_CONFIG] = 0

    def erase(self, page: int) -> None:
        """Set all bits of a page."""
        machine.mem32[_NVMC_CONFIG] = 2
        machine.mem32[_NVMC_ERASEPAGE] = _BEGIN + page * self.page
        machine.mem32[_NVMC_CONFIG] = 0
