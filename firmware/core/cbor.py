"""CBOR (RFC 8949): what a node says (integers, bytes, text, lists, maps, null), and the maps that it hears.

The shortest form of each, and keys in order: the same item is the same bytes on every machine.
"""


def dumps(item) -> bytes:
    """The item's bytes. Integers have 32 bits at the most; a map's keys are numbers."""
    # Without recursion: the smallest machine has 2 kB of stack.
    data, items = b"", [item]
    while items:
        item = items.pop(0)
        major, number, rest = 0, item, b""
        if item is None:
            major, number = 0xE0, 22
        elif isinstance(item, dict):
            major, number, pairs = 0xA0, len(item), []
            for key in sorted(item):
                pairs += [key, item[key]]
            items = pairs + items
        elif isinstance(item, (list, tuple)):
            major, number, items = 0x80, len(item), list(item) + items
        elif not isinstance(item, int):
            major, rest = (0x60, bytes(item, "utf-8")) if isinstance(item, str) else (0x40, bytes(item))
            number = len(rest)
        elif item < 0:
            major, number = 0x20, -1 - item
        size = 0 if number < 24 else 1 if number < 256 else 2 if number < 65536 else 4
        data += bytes((major | (24 + size // 2 if size else number),))
        data += (number.to_bytes(size, "big") if size else b"") + rest
    return data


def loads(data: bytes) -> dict:
    """The map in `data`, of integers to integers or bytes: a host says nothing else. Raises ValueError."""
    items, at = [], 1
    while at < len(data):
        major, number = data[at] >> 5, data[at] & 31
        at += 1
        if number > 26 or major > 2:
            raise ValueError("kind")
        if number > 23:
            end = at + (1 << number - 24)
            number = int.from_bytes(data[at:end], "big")
            at = end
        if major == 2:
            items.append(data[at : at + number])
            at += number
        else:
            items.append(-1 - number if major else number)
    found = dict(zip(items[::2], items[1::2]))  # noqa: B905 - MicroPython has no `strict`
    if at != len(data) or data[0] != 0xA0 + len(found) or len(items) != 2 * len(found):
        raise ValueError("map")
    return found
