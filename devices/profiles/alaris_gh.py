"""Alaris (CareFusion, BD) GH and CC syringe pumps, formerly Asena: read over their serial port."""

from devices.codecs.alaris import Alaris
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="alaris-gh",
    manufacturer="BD (CareFusion, Alaris)",
    model="Alaris GH, CC, TIVA; Asena",
    source=(
        "mdpnp/mdpnp, devices/alaris (questions and answers of real pumps, port settings); jaj42/infupy, "
        "alaris.py; EBME forum, thread 64957 (later firmware refuses remote control). No manual was at hand."
    ),
    metrics=("pump_rate", "pump_delivered", "pump_vtbi", "pump_pressure", "pump_time_remain"),
    link=SerialLink(baudrate=38400, codec=Alaris, silence_s=10.0),
    evidence=Evidence.EXAMPLE,
    note=(
        "READ ONLY: remote control is refused by design: nothing but six questions is ever sent, and none of "
        "them changes anything. That INF is a pump's own is inferred from programs that play one. "
        "mdpnp takes INF_VTBI for the remaining volume; by its name it is the volume to be infused, and is "
        "given as that. A drug name and the syringe are UNMAPPED events."
    ),
)
