"""IEEE 11073-20601: personal health devices, as their manager hears them; one codec for all specialisations.

    bytes ─ apdu.ApduReader ─▶ APDUs ─ manager.PhdManager ─▶ observations.Report ─ values ─▶ readings, events
                                                │ what the device measures: objects.Configuration

The same APDUs travel over USB (PHDC), Bluetooth (HDP) and TCP, there back to back with nothing between.
`agent` is the device's half, for the simulators.
Source: ISO/IEEE 11073-20601 and 11073-10404, -10407, -10408, -10415, -10417, as two independent managers,
signove/antidote and universAAL/lddi, implement them and quote their examples; checked with the test vectors
of both, and of xDrip's reader of insulin pens. Clauses are the standard's, by those quotations.
"""

from devices.codecs.phd.manager import PhdManager

__all__ = ["PhdManager"]
