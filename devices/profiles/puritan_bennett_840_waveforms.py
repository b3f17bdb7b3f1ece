"""Puritan Bennett 840: the port that is set to waveforms; a 980's is the same."""

from devices.codecs.puritan_bennett.waveforms import PuritanBennettWaveforms
from devices.profiles import Evidence, Profile, SerialLink
from devices.profiles._puritan_bennett import SOURCE

PROFILE = Profile(
    name="puritan-bennett-840-waveforms",
    manufacturer="Covidien (Puritan Bennett)",
    model="840",
    source=SOURCE,
    evidence=Evidence.CAPTURE,
    metrics=("flow_wave", "paw_wave"),
    link=SerialLink(baudrate=38400, codec=PuritanBennettWaveforms, silence_s=30.0),
    note="Set a second port to Waveforms; it always runs at 38400 baud. Breaths come when they are over.",
)
