"""Puritan Bennett 980: an intensive care ventilator; the port that is set to DCI and answers SNDF."""

from devices.codecs.puritan_bennett.codec import PuritanBennett
from devices.profiles import Evidence, Profile, SerialLink
from devices.profiles._puritan_bennett import REPORTED, REPORTS, SOURCE

PROFILE = Profile(
    name="puritan-bennett-980",
    manufacturer="Covidien (Puritan Bennett)",
    model="980",
    source=SOURCE,
    evidence=Evidence.CAPTURE,
    metrics=REPORTED,
    link=SerialLink(baudrate=9600, codec=PuritanBennett, silence_s=15.0),
    note=REPORTS,
)
