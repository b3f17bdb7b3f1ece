"""A laboratory analyser that speaks ASTM (LIS01/LIS02) over a serial line."""

from devices.codecs.astm.analyser import AstmAnalyser
from devices.profiles import Evidence, Profile, SerialLink
from devices.profiles._laboratory import ASTM_NOTE, ASTM_SOURCE

PROFILE = Profile(
    name="astm-analyser-serial",
    manufacturer="several (Sysmex, Roche, Horiba, Siemens, Abbott and others)",
    model="analyser with an ASTM/LIS serial port",
    source=ASTM_SOURCE,
    evidence=Evidence.CAPTURE,
    metrics=(),
    link=SerialLink(baudrate=9600, codec=AstmAnalyser, silence_s=7 * 86400.0),
    note=f"{ASTM_NOTE} The port is set to 9600 8N1, the analyser likewise.",
)
