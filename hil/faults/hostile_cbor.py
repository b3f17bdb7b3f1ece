"""CBOR that is made to hurt whoever decodes it: by name, the bytes of one item (RFC 8949).

Nothing here may be taken for a message of the contract, whatever it lies in.
"""

import cbor2

_DEEP = 20_000


def _nested(head: str, times: int, core: str = "00") -> bytes:
    return bytes.fromhex(head) * times + bytes.fromhex(core)


INDEFINITE = {
    "an array without end": "9f00ff",
    "an array that never ends": "9f00",
    "a map without end": "bf0100ff",
    "bytes in chunks": "5f4100ff",
    "a text in chunks": "7f6161ff",
    "a break alone": "ff",
}
HUGE = {
    "bytes of 2^64 - 1": "5bffffffffffffffff",
    "bytes of 2^63 - 1": "5b7fffffffffffffff00",
    "bytes of 2^31 and none there": "5a80000000",
    "a text of 2^64 - 1": "7bffffffffffffffff",
    "an array of 2^64 - 1": "9bffffffffffffffff",
    "an array of 2^32 - 1": "9affffffff00",
    "a map of 2^64 - 1": "bbffffffffffffffff",
    "a map of 2^31": "ba800000000000",
}
KEYS = {
    "a key twice": "a201000101",
    "a key twice in another length": "a20100180101",
    "a map as a key": "a1a000",
    "NaN as a key": "a1f97e0000",
}
TAGS = {
    "a date": "c06a323032352d30312d3031",
    "a bignum": "c258200000000000000000ffffffffffffffffffffffffffffffffffffffffffffffff",
    "a decimal of 10^(10^18)": "c4821b0de0b6b3a764000001",
    "a bigfloat": "c5821a7fffffff01",
    "a shared item": "d81c81d81d00",
    "a string reference": "d9010081d81900",
    "a regular expression": "d823692828612b292b292b24",
    "an IP address": "d9010444c0000201",
    "a self-described item": "d9d9f700",
    "an odd typed array": "d84d43000102",
    "a typed array of doubles": "d8564800000000000000ff",
    "a tag of 2^64 - 1": "dbffffffffffffffff00",
}
NUMBERS = {
    "NaN": "f97e00",
    "NaN with a payload": "fb7ff8000000000001",
    "infinity": "f97c00",
    "minus infinity": "fbfff0000000000000",
    "a reserved length": "1c",
    "a simple value": "f820",
    "undefined": "f7",
}
CUT = {
    "nothing": "",
    "a head cut off": "19",
    "bytes cut off": "4401",
    "two items": "0000",
    "a text that is not UTF-8": "62c328",
}
_BY_HEX = {**INDEFINITE, **HUGE, **KEYS, **TAGS, **NUMBERS, **CUT}

HOSTILE: dict[str, bytes] = {
    **{name: bytes.fromhex(code) for name, code in _BY_HEX.items()},
    "arrays 17 deep": _nested("81", 17),
    f"arrays {_DEEP} deep": _nested("81", _DEEP),
    f"maps {_DEEP} deep": _nested("a100", _DEEP),
    f"tags {_DEEP} deep": _nested("c1", _DEEP),
    f"arrays without end {_DEEP} deep": _nested("9f", _DEEP),
    "200,000 empty arrays": cbor2.dumps([[]] * 200_000),
    "a map of 40,000 keys": cbor2.dumps(dict.fromkeys(range(40_000), 0)),
}
