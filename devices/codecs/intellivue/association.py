"""Beginning and end of an association (Guide, "Association Control Protocol"): request and answers.

Only the user data differ between hosts: what of the poll profile is wanted. Everything before it is the same
ISO session and presentation preamble in every association.
"""

import struct

from devices.codecs.intellivue.message import TICKS_PER_S, attribute_list

REQUEST, ACCEPT, REFUSE, RELEASE, RELEASED, ABORT = 0x0D, 0x0E, 0x0C, 0x09, 0x0A, 0x19
"""First byte of a message."""
_REQUEST_PREAMBLE = bytes.fromhex(
    "0508130100160102800014020002c1dc3180a0808001010000a280a003000001a48030800201010604520100013080"
    "06025101000000003080020102060c2a8648ce14020100000001013080060c2a8648ce1402010000000201000000000000"
    "61803080020101a0806080a180060c2a8648ce14020100000003010000be802880060c2a8648ce14020100000001010201"
    "0281"
)
_ACCEPT_PREAMBLE = bytes.fromhex(
    "0508130100160102800014020002c1be3180a0808001010000a280a003000001a580308080010081025101000000308080"
    "0100810c2a8648ce14020100000002010000000061803080020101a0806180a180060c2a8648ce14020100000003010000"
    "a203020100a305a103020100be80288002010281"
)
_TRAILER = bytes(16)
_CLIENT, _SERVER = 0x80000000, 0x00800000
_COLD_START, _HOT_START = 0x20000000, 0x80000000
_VERSION, _NOMENCLATURE = 0x80000000, 0x40000000
_PROFILE_SUPPORT, _PROFILE_EXTENSION = 1, 0xF001
_MTU = 1456
_DYNAMIC_OBJECTS = 0x60000000
_NUMERICS_EACH_SECOND, _WAVES = 0x80000000, 0x08000000
RELEASE_REQUEST = bytes.fromhex("0918c11661803080020101a08062808001000000000000000000")
RELEASE_RESULT = bytes.fromhex("0a18c11661803080020101a08063808001000000000000000000")


def request(poll_period_s: int = 1) -> bytes:
    """A host's request for polls with that period, numerics each second, and waveforms."""
    return _message(REQUEST, _REQUEST_PREAMBLE, _CLIENT, _COLD_START, poll_period_s)


def accepted(poll_period_s: int = 1) -> bytes:
    """A monitor's answer to it."""
    return _message(ACCEPT, _ACCEPT_PREAMBLE, _SERVER, _HOT_START, poll_period_s)


def _message(kind: int, preamble: bytes, system: int, start: int, poll_period_s: int) -> bytes:
    info = struct.pack(">IIIII", _VERSION, _NOMENCLATURE, 0, system, start)
    extension = attribute_list({_PROFILE_EXTENSION: struct.pack(">II", _NUMERICS_EACH_SECOND | _WAVES, 0)})
    sizes = struct.pack(">IIIII", poll_period_s * TICKS_PER_S, _MTU, _MTU, 0xFFFFFFFF, _DYNAMIC_OBJECTS)
    support = struct.pack(">I", _VERSION) + sizes + extension
    user = info + attribute_list({}) + attribute_list({_PROFILE_SUPPORT: support})
    body = preamble + bytes((len(user),)) + user + _TRAILER
    return bytes((kind, len(body))) + body
