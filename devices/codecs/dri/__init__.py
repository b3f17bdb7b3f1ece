"""Datex-Ohmeda Record Interface (DRI): the serial line of GE's S/5, AS/3, CS/3, B and CARESCAPE monitors.

    bytes ─▶ framing ─▶ Record ─▶ physiological ─▶ Vitals ─▶ readings
                                ├▶ waveform ─▶ Waves ─▶ waveforms
                                └▶ alarm ─▶ events

Source: GE Healthcare, S/5 System Interface, Datex-Ohmeda Record Specification (8005313, 12th edition), here
"DRI"; S/5 Computer Interface Specification (M1017617, 12th edition), here "CI".
"""
