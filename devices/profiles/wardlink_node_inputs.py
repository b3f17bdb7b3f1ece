"""Wardlink's own node for digital inputs: doors, siren, stretcher."""

from devices.codecs.node.inputs import NodeInputs
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="wardlink-node-inputs",
    manufacturer="Wardlink",
    model="node for digital inputs",
    source="its specification is ours: devices/codecs/node/wire.py and inputs.py",
    evidence=Evidence.EXAMPLE,
    metrics=(),
    link=SerialLink(baudrate=115200, codec=NodeInputs, silence_s=15.0),
    note=(
        "It gives STATUS events only: door-open, rear-door-open, siren-on, beacon-on, stretcher-loaded, "
        "ignition-on, shore-power, help-called, of those inputs that are wired. A report is acknowledged "
        "once it is in the journal; what the node had to forget before that is told."
    ),
)
