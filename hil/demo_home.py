"""The demo's home: an out-patient's, with a gateway of its own and a cuff that is used now and then.

echo measure > data/plugs/cuff-home       # the patient presses the cuff's button
"""

from hil.ward import Ward, WardBed, WardDevice, radio_address

OUT_PATIENT, OUT_PATIENT_NAME = "DEMO-0100", "Otto Amboss"
HOME, CUFF = "home-0100", "cuff-home"
"""A place of the registry, whose gateway is called so, too; and a device."""
EVERY_S = 600.0
ADAPTER = "F0:F1:F2:F3:F4:F6"
"""The address of the home's radio: another than the ward's, in the same air."""
HOMES = Ward(
    (WardBed(HOME, "Otto Amboss, at home", OUT_PATIENT, OUT_PATIENT_NAME),),
    (WardDevice(CUFF, "and-ua-651ble", HOME, 100, radio_address(5, 1), EVERY_S),),
    "homes",
    "Patients at home",
    HOME,
    "Home of Otto Amboss",
)
