"""Two slots of flash, each for one image, and a log that says which is to run.

The first two pages of the flash are the log, and half of the others each slot. A flash has `page` (bytes) and
`pages`; `read(at, size)`; `write(at, data)`, which only clears bits; `erase(page)`, which sets them all.

The log only grows: each record has the whole state, and the one with the highest number counts. A page is
filled, then the other one is erased. The page of the record that counts never is, so that the power may go at
any bit of a write or an erasure. The form is frozen: a loader that is never updated reads it.

    record   first 8 bytes of the SHA-256 of the rest; number (32 bits, little-endian); confirmed, target,
             phase, length of the text; self-test, done (32 bits); for each slot version, size (32 bits) and
             SHA-256; text; FF up to 256 bytes

Not a CRC: in 16 bits one torn record in 65536 would pass for whole, and it has digests.
"""

import struct

FACTORY = 255
"""In place of a slot: the tree of files that the board was flashed with."""
IDLE = 0
"""Nothing is under way. If the target has an image, it was healthy before."""
LOADING = 1
"""The target is being written: `done` bytes of it are, in whole pages."""
TAKEN = 2
"""The target's image is whole."""
ASKED = 3
"""The target is to be begun at the next boot."""
TRIED = 4
"""The target was begun. A boot that finds this falls back."""
FELL = 5
"""The target was begun and was not healthy, or it was damaged (then it has no image); `text` says why."""

RECORD = 256
LOG_PAGES = 2
MOST_TEXT = 100
_FORM = "<IBBBBIIII32sII32s"
_HEAD = 96


class Slots:
    """The state that the log tells. `sha256` makes a hash, as hashlib's.

    `confirmed`: the slot that is healthy; `target`: the one that an update goes to; `phase`, `text`: its own;
    `done`; `tests`: bits of the self-test that failed before; `images`: version, size, digest of each slot.
    """

    def __init__(self, flash, sha256) -> None:
        self._flash = flash
        self.sha256 = sha256
        self.page = flash.page
        self.pages = (flash.pages - LOG_PAGES) // 2
        """Pages in a slot."""
        self._places = flash.page // RECORD
        self._at = 2 * self._places - 1
        """Where the record is that counts. None: as if it were the last of the second page."""
        self._number = 0
        self.confirmed, self.target, self.phase = FACTORY, 0, IDLE
        self.tests = self.done = 0
        self.text = ""
        self.images = [_no_image(0), _no_image(0)]
        for place in range(2 * self._places):
            self._read(place)

    def _read(self, place: int) -> None:
        data = self._flash.read(place * RECORD, RECORD)
        if self._check(data[8:]) != data[:8]:
            return
        found = struct.unpack(_FORM, data[8 : 8 + _HEAD])
        number, confirmed, target, phase, length = found[:5]
        known = confirmed in (0, 1, FACTORY) and target in (0, 1) and target != confirmed and phase <= FELL
        if number <= self._number or not known or max(found[8], found[11]) > self.pages * self.page:
            return
        self._at, self._number = place, number
        self.confirmed, self.target, self.phase = confirmed, target, phase
        self.tests, self.done = found[5:7]
        self.images = [found[7:10], found[10:13]]
        self.text = str(data[8 + _HEAD : 8 + _HEAD + length], "utf-8")

    def _check(self, rest: bytes) -> bytes:
        return self.sha256(rest).digest()[:8]

    def keep(self) -> None:
        """Write the state as it is now. Raises OSError if the flash does not keep it."""
        text = bytes(self.text, "utf-8")
        self._number += 1
        head = self._number, self.confirmed, self.target, self.phase, len(text), self.tests, self.done
        rest = struct.pack(_FORM, *(head + tuple(self.images[0]) + tuple(self.images[1]))) + text
        rest += b"\xff" * (RECORD - 8 - len(rest))
        whole, page = self._check(rest) + rest, self._at // self._places
        places = list(range(self._at + 1, (page + 1) * self._places))
        other = (1 - page) * self._places
        for place in places + list(range(other, other + self._places)):
            if place == other:
                self._flash.erase(1 - page)
            if self._flash.read(place * RECORD, RECORD) == b"\xff" * RECORD:
                self._flash.write(place * RECORD, whole)
            if self._flash.read(place * RECORD, RECORD) == whole:
                self._at = place
                return
        raise OSError("the flash does not keep the log")

    def become(self, phase: int, text: str = "") -> None:
        """Keep that the target is in `phase`. Raises OSError."""
        self.phase = phase
        self.text = "".join([one if " " <= one <= "~" else "?" for one in text[:MOST_TEXT]])
        self.keep()

    def confirm(self) -> None:
        """Keep that the target is healthy, and that the other slot is free. Raises OSError."""
        self.confirmed = self.target
        self.target = 1 - self.confirmed
        self.become(IDLE)

    def lose(self, heir: int) -> None:
        """Keep that the confirmed image is damaged and `heir` is confirmed now. Raises OSError."""
        self.target = self.confirmed
        self.confirmed = heir
        self.damaged()

    def damaged(self) -> None:
        """Keep that the target's image cannot be run any more. Raises OSError."""
        self.forget()
        self.become(FELL, "its image was damaged in the flash")

    def forget(self) -> None:
        """The target has no image; which version it was to be stays."""
        self.images[self.target] = _no_image(self.images[self.target][0])

    def read(self, slot: int, at: int, size: int) -> bytes:
        """`size` bytes of a slot."""
        return self._flash.read(self._begin(slot) * self.page + at, size)

    def write(self, slot: int, at: int, data: bytes) -> None:
        """Write whole words to where it is erased. Raises OSError if they are not there then."""
        data = data + b"\xff" * (-len(data) % 4)
        self._flash.write(self._begin(slot) * self.page + at, data)
        if self.read(slot, at, len(data)) != data:
            raise OSError("the flash does not keep what is written to it")

    def erase(self, slot: int, page: int) -> None:
        """Erase a page of a slot."""
        self._flash.erase(self._begin(slot) + page)

    def _begin(self, slot: int) -> int:
        return LOG_PAGES + slot * self.pages

    def is_whole(self, slot: int, feed) -> bool:
        """Whether the slot has the image that it is said to have. `feed` is called after each page."""
        _, size, digest = self.images[slot]
        made = self.sha256(b"")
        for at in range(0, size, self.page):
            made.update(self.read(slot, at, min(self.page, size - at)))
            feed()
        return size > 0 and made.digest() == digest


def _no_image(version: int) -> tuple:
    return version, 0, bytes(32)


def pick(slots: Slots, feed, version: int) -> int:
    """The slot to run now, or FACTORY, whose version is given: files that were flashed later than an image.

    What is damaged is passed over; a trial without an end falls back. `feed` is called now and then.
    """
    try:
        return _picked(slots, feed, version)
    except OSError:
        # A log that keeps nothing any more: no trials, but what is healthy runs.
        return slots.confirmed if _runs(slots, slots.confirmed, feed) else FACTORY


def _picked(slots: Slots, feed, version: int) -> int:
    if slots.confirmed != FACTORY and slots.images[slots.confirmed][0] < version:
        slots.confirmed = FACTORY
        slots.keep()
    if slots.phase == ASKED:
        if slots.is_whole(slots.target, feed):
            slots.become(TRIED)
            return slots.target
        slots.damaged()
    elif slots.phase == TRIED:
        slots.become(FELL, "it was reset before it was healthy")
    if not _runs(slots, slots.confirmed, feed):
        is_heir = slots.phase == IDLE and slots.is_whole(slots.target, feed)
        slots.lose(slots.target if is_heir else FACTORY)
    return slots.confirmed


def _runs(slots: Slots, slot: int, feed) -> bool:
    return slot == FACTORY or slots.is_whole(slot, feed)
