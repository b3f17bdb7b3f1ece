"""What is not acknowledged yet, numbered, in flash: it survives a reset, and a power cut at any write.

A flash has `page` (bytes) and `pages` (two or more); `read(at, size)`; `write(at, data)`, which only clears
bits, four bytes at once; `erase(page)`, which sets them all. Pages are cut into slots, whose size divides a
page's; number n is in slot n % slots, so that all pages wear alike and nothing has to be looked for. A page
is erased when its first slot's turn comes; what it had is lost, if nobody acknowledged it in time.

    slot   CRC-16 of the rest; size, count; number, boot, acked, stream (32 bits, little-endian); data

An entry is in flash before anybody hears of it, so a number that was said is never used again. The power may
go at any bit of a write or an erasure: a slot that is torn is passed over, and its number is a gap. (Only if
it goes in as many writes in a row as all pages but one have slots is all forgotten: another stream begins.)
"""

import struct

from devices.codecs.node import wire

HEAD = 20
"""Bytes of a slot before its data."""


class Ring:
    """The ring in a flash, in slots of `slot` bytes. `number`, of 32 random bits, names a new one's stream.

    `stream`; `boot`: this one's number; `next`: the number that comes next; `acked`: the last acknowledged;
    `sent`: the number that is to be given next; `most`: how many it keeps at least; `room`: bytes in an entry
    at the most.
    """

    def __init__(self, flash, slot: int, number: int) -> None:
        self._flash = flash
        self._slot = slot
        self.room = min(slot - HEAD, 208)
        self._per_page = flash.page // slot
        self.slots = self._per_page * flash.pages
        self.most = self.slots - self._per_page
        self.next = self.slots
        newest = self.next - 1, 0, self.next - 1, number
        for place in range(self.slots):
            entry = self.kept(place, True)
            if entry and entry[0] >= self.next:
                newest = entry
                self.next = entry[0] + 1
        self.boot, self.acked, self.stream = newest[1] + 1, newest[2], newest[3]
        self._tail = self.sent = max(self.acked + 1, self.next - self.slots)
        # What was torn there may not be written over.
        while (
            self.next % self._per_page and flash.read(self.next % self.slots * slot, slot) != b"\xff" * slot
        ):
            self.next += 1

    def kept(self, number: int, whichever: bool = False) -> "tuple | None":
        """The entry `number` (or `whichever` is there), or None: number, boot, acked, stream, count, data."""
        data = self._flash.read(number % self.slots * self._slot, self._slot)
        crc, size, count, found, boot, acked, stream = struct.unpack("<HBBIIII", data[:HEAD])
        end = HEAD + size
        if end > self._slot or wire.crc16(data[2:end]) != crc or not (whichever or found == number):
            return None
        return found, boot, acked, stream, count, data[HEAD:end]

    def append(self, count: int, data: bytes) -> int:
        """Keep `data`, `count` pairs of a map. Returns its number. Raises OSError if the flash is worn."""
        for _ in range(self._per_page + 1):
            number = self.next
            if number % self._per_page == 0:
                self._flash.erase(number % self.slots // self._per_page)
            rest = struct.pack("<BBIIII", len(data), count, number, self.boot, self.acked, self.stream) + data
            padding = b"\xff" * (-len(data) % 4)
            whole = struct.pack("<H", wire.crc16(rest)) + rest + padding
            self._flash.write(number % self.slots * self._slot, whole)
            self.next += 1
            if self.kept(number):
                return number
        raise OSError("the flash does not keep what is written to it")

    def oldest(self) -> int:
        """The number of the oldest entry that is left; `next` if none is."""
        while self._tail < self.next and not self.kept(self._tail):
            self._tail += 1
        return self._tail

    def unsent(self, most: int) -> "tuple | None":
        """The next entry, from `sent` on, or None: there is none, or `most` wait for their answer."""
        self.sent = max(self.sent, self.oldest())
        while self.sent < min(self.next, self._tail + most):
            self.sent += 1
            entry = self.kept(self.sent - 1)
            if entry:
                return entry
        return None

    def acknowledge(self, number: int) -> None:
        """Forget `number` and all before it."""
        if self.acked < number < self.next:
            self.acked = number
            self._tail = max(self._tail, number + 1)
