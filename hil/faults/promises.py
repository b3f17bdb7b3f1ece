"""What a journal has promised by a moment, and what of it does not hold.

promises = Promises(); promises.note({...})   see journal_load.Note
promises.broken(found)                        `found`: what a journal that was opened anew has to send
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hil.faults.journal_bytes import Key, checksum, spread, told


@dataclass(slots=True)
class Promises:
    """Blocks by (journal, lane, number): accepted (with their CRC-32C), received, given up, told as lost."""

    accepted: dict[Key, int] = field(default_factory=dict[Key, int])
    received: set[Key] = field(default_factory=set[Key])
    shed: set[Key] = field(default_factory=set[Key])
    told: dict[Key, str] = field(default_factory=dict[Key, str])
    """What the controller was told will never come."""

    def note(self, what: Mapping[str, Any]) -> None:
        """One more promise."""
        for journal, lane, number, crc in what.get("accepted", ()):
            self.accepted[bytes.fromhex(journal), lane, number] = crc
        for journal, lane, ranges, _ in what.get("lost", ()):
            self.shed.update(spread(bytes.fromhex(journal), lane, ranges))
        if received := what.get("received"):
            self.received.update(spread(bytes.fromhex(received[0]), *received[1:]))
            for block in what["blocks"]:
                self.told.update(told(bytes.fromhex(block)).lost)

    def owed(self) -> list[Key]:
        """Accepted, and nobody else has it yet."""
        return [key for key in self.accepted if key not in self.received]

    def broken(self, found: Mapping[Key, bytes], own: bytes, end: "Promises") -> Iterator[str]:
        """What does not hold of a journal that has `found`, opened as `own`.

        `end` has what was noted in the end: a block may have been on its way when the moment came.
        """
        said = [told(block) for block in found.values()]
        lost = self.told | {key: why for one in said for key, why in one.lost.items()}
        ended = {name: ends for one in said if one.key[0] == own for name, ends in one.ended.items()}
        for key, block in found.items():
            if key[0] != own and end.accepted.get(key) != checksum(block):
                yield f"wrong: {_name(key)} is not what was accepted"
            if key in lost:
                yield f"told as lost, but is not: {_name(key)}"
        for key in self.owed():
            if key not in found:
                yield from _missing(key, lost.get(key), key in end.shed)
            elif key[0] != own and ended.get(key[0], [0] * 4)[key[1]] <= key[2]:
                yield f"accepted, but after the end that is told: {_name(key)}"


def _missing(key: Key, why: str | None, is_shed: bool) -> Iterator[str]:
    if why is None:
        yield f"accepted, lost and not told: {_name(key)}"
    elif why != "quota" or not is_shed:
        yield f"accepted and lost, told as {why}: {_name(key)}"


def _name(key: Key) -> str:
    return f"journal {key[0].hex()} lane {key[1]} block {key[2]}"
