"""A laboratory analyser that speaks ASTM (LIS01/LIS02) over TCP: it connects to us."""

from devices.codecs.astm.analyser import AstmAnalyser
from devices.profiles import Evidence, Profile, TcpLink
from devices.profiles._laboratory import ASTM_NOTE, ASTM_SOURCE

PROFILE = Profile(
    name="astm-analyser-tcp",
    manufacturer="several (Sysmex, Roche, Cepheid, Snibe and others)",
    model="analyser with an ASTM/LIS network interface",
    source=ASTM_SOURCE,
    evidence=Evidence.CAPTURE,
    metrics=(),
    link=TcpLink(port=5000, codec=AstmAnalyser, listens=True),
    note=f"{ASTM_NOTE} Blocks without number and sum, and records without frames, are accepted.",
)
