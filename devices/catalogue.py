"""The catalogue of supported devices as a page: docs/devices.md is `wardlink devices --markdown`."""

from collections.abc import Iterable

from devices.profiles import (
    AnyLink,
    BleBroadcast,
    BleLink,
    Evidence,
    Profile,
    SerialLink,
    TcpLink,
    UdpLink,
    VehicleLink,
    profiles,
)

_GROUPS: dict[str, tuple[type, ...]] = {
    "Bluetooth": (BleLink, BleBroadcast),
    "Serial and USB": (SerialLink,),
    "Network": (TcpLink, UdpLink, VehicleLink),
}
EVIDENCE = {
    Evidence.CAPTURE: "bytes of a real device",
    Evidence.EXAMPLE: "a worked example or another project's vector",
    Evidence.UNVERIFIED: "**unverified**",
}
_HEAD = """# Supported devices
Made by `./run devices --markdown`. *Checked against*: what its codec was held against; **unverified** means
that nothing but documents was found: compare with the device's own display before you rely on it.
`./run gateway discover` finds the devices that are in reach, by what is said here.
"""


def kind(link: AnyLink) -> str:
    """`BLE`, `serial`, `TCP`, `UDP` or `MQTT`."""
    match link:
        case BleLink() | BleBroadcast():
            return "BLE"
        case SerialLink():
            return "serial"
        case TcpLink():
            return "TCP"
        case UdpLink():
            return "UDP"
        case VehicleLink():
            return "MQTT"


def recognition(link: AnyLink) -> str:
    """How a device is told from others, in words."""
    match link:
        case BleLink():
            name = f", name {link.name_prefix}…" if link.name_prefix else ""
            return f"service {_short(link.service)}{name}{', must be paired' if link.bond else ''}"
        case BleBroadcast():
            name = f", name {link.name_prefix}…" if link.name_prefix else ""
            return f"advertises service data {_short(link.service_data)}{name}"
        case SerialLink():
            usb = "".join(f", USB {vendor:04x}:{product:04x}" for vendor, product in link.usb_ids)
            return f"{link.baudrate} {link.bytesize}{link.parity}{link.stopbits}{usb}"
        case TcpLink():
            return f"port {link.port}, {'connects to the gateway' if link.listens else 'is connected to'}"
        case UdpLink():
            return f"port {link.port}"
        case VehicleLink():
            return "its topics at an MQTT broker"


def _short(uuid: str) -> str:
    return f"0x{uuid[4:8].upper()}" if uuid.endswith("-0000-1000-8000-00805f9b34fb") else uuid


def markdown() -> str:
    """The whole page."""
    parts = [_HEAD]
    for title, kinds in _GROUPS.items():
        mine = [one for one in profiles().values() if isinstance(one.link, kinds)]
        parts += [f"\n## {title}\n", *_table(mine), "\n", *_notes(mine)]
    return "".join(parts)


def _table(mine: Iterable[Profile]) -> Iterable[str]:
    yield "| profile | model | recognised by | metrics | checked against |\n|---|---|---|---|---|\n"
    for one in mine:
        metrics = ", ".join(one.metrics) or "events"
        cells = (f"`{one.name}`", f"{one.manufacturer} {one.model}", recognition(one.link), metrics)
        yield f"| {' | '.join(map(_cell, cells))} | {EVIDENCE[one.evidence]} |\n"


def _notes(mine: Iterable[Profile]) -> Iterable[str]:
    for one in mine:
        note = f" {_cell(one.note)}" if one.note else ""
        yield f"- `{one.name}`:{note} *From: {_cell(one.source)}*\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
