"""GE Healthcare S/5 monitors and their kin (AS/3, CS/3, B20 to B125, CARESCAPE) on a serial line."""

from devices.codecs.dri.codec import Dri
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="ge-s5",
    manufacturer="GE Healthcare",
    model="S/5, AS/3, CS/3, Cardiocap/5, B20–B125, CARESCAPE B450/B650/B850",
    source=(
        "GE Healthcare, S/5 System Interface, Datex-Ohmeda Record Specification (8005313, 12th edition); "
        "S/5 Computer Interface Specification (M1017617, 12th edition); "
        "recordings of a CARESCAPE B650 in UN-GCPDS/python-pycollect; records of 2009 in part-cw/LNhealth"
    ),
    evidence=Evidence.CAPTURE,
    metrics=(
        *("hr", "rr_imped", "st_ii", "st_v5", "pvc_rate", "spo2", "pr_spo2"),
        *("nibp_sys", "nibp_dia", "nibp_map", "pr_nibp", "pr_ibp", "abp_sys", "abp_dia", "abp_map", "cvp"),
        *("pap_sys", "pap_dia", "pap_map", "icp", "ibp_sys", "ibp_dia", "ibp_map", "cpp", "ppv"),
        *("temp_core", "temp_skin", "temp_esoph", "temp_blad", "temp_rect", "temp"),
        *("etco2", "fico2", "rr_co2", "eto2", "fio2", "etn2o", "fin2o", "etsev", "fisev", "mac"),
        *("vent_rr_total", "vent_pip", "vent_peep", "vent_pplat", "vent_vt_insp", "vent_vt", "vent_cdyn"),
        *("vent_mv", "vent_pmean", "vent_peep_i", "vent_raw", "vent_mv_spont", "vent_cstat"),
        *("co", "temp_blood", "pawp", "svo2", "tof_ratio", "tof_count"),
        *("bis", "state_entropy", "response_entropy", "suppression_ratio", "surgical_pleth_index"),
        *("ecg_ii", "abp_wave", "pleth", "co2_wave", "paw_wave", "flow_wave", "resp_wave"),
    ),
    link=SerialLink(baudrate=19200, parity="E", codec=Dri, silence_s=20.0),
    note=(
        "Null-modem cable with RTS and CTS bridged; the monitor's port is to be set to computer interface. "
        "Channels are mapped by their labels, so other temperatures, pressures, leads and agents come too. "
        "CO2 is told in % and is given as partial pressure at the ambient pressure that the monitor tells. "
        "CARESCAPE with software 3 may be set to 115200 baud: this profile needs 19200. Its 12-lead ECG "
        "packet is not read. Alarms come from CARESCAPE only, in the monitor's language."
    ),
)
