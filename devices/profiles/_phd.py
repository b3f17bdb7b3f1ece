"""What the personal health devices of IEEE 11073-20601 share: their link, and what is to be known of it."""

from devices.codecs.phd import PhdManager
from devices.profiles import TcpLink

LINK = TcpLink(port=6024, codec=PhdManager, listens=True)
"""The port of the open Antidote stack, the only TCP transport of 20601 in use."""
SOURCE = (
    "ISO/IEEE 11073-20601 and the specialisation, as signove/antidote and universAAL/lddi implement them and "
    "quote their examples (the standards themselves were not at hand); "
)
NOTE = (
    "APDUs back to back over TCP, as signove/antidote's TCP plug-in carries them. USB (PHDC) and Bluetooth "
    "(HDP) deliver the same APDUs; those two transports are not built here. Measurements are answered only "
    "when they are on disk. One whose time cannot be placed is questionable. Not read: PM-stores (memories "
    "that must be asked for), waveforms, scanners; devices that send nothing unasked stay silent."
)
