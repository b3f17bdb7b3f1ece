"""Philips IntelliVue MP and MX monitors on the MIB/RS232 port."""

from devices.codecs.intellivue.serial_frame import SerialMonitor
from devices.profiles import Evidence, Profile, SerialLink
from devices.profiles._intellivue import METRICS, SOURCE

PROFILE = Profile(
    name="philips-intellivue-rs232",
    manufacturer="Philips",
    model="IntelliVue MP5 to MP90 and MX series, MIB/RS232 interface",
    source=SOURCE + "; recording of this port in vinod898/JVSCapture; mdpnp/mdpnp, TestFCSOutputStream",
    evidence=Evidence.CAPTURE,
    metrics=METRICS,
    link=SerialLink(baudrate=115200, codec=SerialMonitor, silence_s=15.0),
    note=(
        "The port is to be set to Data Export with the fixed baud rate protocol at 115200 baud; autospeed is "
        "not spoken. The messages are those of the network."
    ),
)
