"""A ward with a bed for each device model that is supported: all of them at once, at their real speed."""

from controller.ports import free_port
from devices.profiles import AnyLink, SerialLink, TcpLink, UdpLink, profiles
from hil.prepare import quiet_port
from hil.sims.simulated import simulators
from hil.ward import Ward, WardBed, WardDevice, invented_name, radio_address

_KIND = 9
_HERE = "127.0.0.1"


def every_model() -> Ward:
    """The ward. Its network devices get ports that are free now, and that the kernel gives to nobody else."""
    names = [name for name in profiles() if name in simulators()]
    beds = [WardBed(f"bed-{n}", name, f"DEMO-{n:04d}", invented_name(n)) for n, name in enumerate(names, 1)]
    devices = [
        WardDevice(name, name, f"bed-{n}", n, _address(profiles()[name].link, n))
        for n, name in enumerate(names, 1)
    ]
    return Ward(tuple(beds), tuple(devices))


def _address(link: AnyLink, n: int) -> str | None:
    match link:
        case SerialLink():
            return None
        case TcpLink() | UdpLink():
            return f"{_HERE}:{free_port(_HERE, quiet_port(), 'a device')}"
        case _:
            return radio_address(_KIND, n)
