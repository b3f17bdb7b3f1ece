"""Pages of a block device (`esp32.Partition`, `rp2.Flash`) for the ring.

Both have the extended interface of MicroPython's block devices: `writeblocks` with an offset does not
erase, `ioctl(6, n)` erases. The RP2040 writes 256 bytes at once, so that many are read, changed and
written: a bit that is clear already stays it.
"""

_UNIT = 256
_ERASE = 6


class BlockFlash:
    """`pages` pages of 4096 bytes of `device`, from page `first` on."""

    page = 4096

    def __init__(self, device, first: int, pages: int) -> None:
        self._device = device
        self._first = first
        self.pages = pages

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes, which may go over the end of a page."""
        found = bytearray()
        while len(found) < size:
            offset = (at + len(found)) % self.page
            part = bytearray(min(size - len(found), self.page - offset))
            self._device.readblocks(self._first + (at + len(found)) // self.page, part, offset)
            found += part
        return bytes(found)

    def write(self, at: int, data: bytes) -> None:
        """Clear the bits that are clear in `data`."""
        done = 0
        while done < len(data):
            start = (at + done) // _UNIT * _UNIT
            unit = bytearray(self.read(start, _UNIT))
            inside = at + done - start
            part = data[done : done + _UNIT - inside]
            for index in range(len(part)):
                unit[inside + index] &= part[index]
            self._device.writeblocks(self._first + start // self.page, unit, start % self.page)
            done += len(part)

    def erase(self, page: int) -> None:
        """Set all bits of a page."""
        self._device.ioctl(_ERASE, self._first + page)
