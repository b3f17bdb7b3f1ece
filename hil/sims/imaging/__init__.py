"""Studies of people who do not exist, that look like something: valid DICOM for the demo, the benches, tests.

head.py      CT of a head           ultrasound.py  cine of a heart
chest.py     radiograph of a chest  ecg.py         twelve leads
objects.py   what all of them say: patient, study, series, UIDs

The same patient, time and seed give the same bytes. Numbers are drawn from no real person.
"""
