"""A lorry's or van's own network (SAE J1939), listened to through an SLCAN adapter."""

from devices.codecs.j1939.codec import SlcanJ1939
from devices.codecs.j1939.parameters import METRICS
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="slcan-j1939",
    manufacturer="LAWICEL and others",
    model="SLCAN adapter on a J1939 bus",
    source=(
        "LAWICEL AB, CANUSB manual, 2.1; command lists of CANable and USBtin; hardbyte/python-can (slcan); "
        "SAE J1939-21, -71 and -73 as in nmfta-repo/pretty_j1939, juergenH87/python-can-j1939"
    ),
    evidence=Evidence.CAPTURE,
    metrics=METRICS,
    link=SerialLink(
        baudrate=115200,
        codec=SlcanJ1939,
        usb_ids=((0x16D0, 0x117E), (0xAD50, 0x60C4)),
        silence_s=30.0,
    ),
    note=(
        "For a bus of 250 kbit/s. It only listens: listen-only mode (L), or where the adapter has none, open "
        "(O), in which the adapter acknowledges frames but sends none. On USB (CANable, USBtin) any speed "
        "will do. Trucks tell their VIN (VI) seldom without being asked, and nobody asks here. Each metric "
        "is told at most five times a second, from the unit with the lowest address that has it."
    ),
)
