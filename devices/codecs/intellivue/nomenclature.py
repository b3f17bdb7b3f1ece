"""Codes of the Data Export protocol: which metric a physiological identifier is, which unit a unit code.

An identifier is a term of partition 2 (SCADA), so most are found by their MDC code in the metric table; those
here are Philips' own codes and other terms for the same. Source: Guide, "Physiological Identifiers" and
"Unit Codes", as jaj42/intellipy and xeonfusion/VSCaptureMP list them.
"""

from devices.model.metrics import METRICS

SYSTEM = "Philips-NOM"
"""Of the codes in UNMAPPED and DEVICE_ALARM events: numbers of the Guide."""
_SCADA = 2 * 65536

_NUMERICS = {
    18466: "pr_spo2",  # PLETH_PULS_RATE
    61669: "pr_nibp",  # PRESS_BLD_NONINV_PULS_RATE
    16993: "pvc_rate",  # ECG_V_P_C_CNT, per minute
    19376: "pi",  # PULS_OXIM_PERF_REL
    20498: "rr_co2",  # AWAY_RESP_RATE
    20656: "etco2",  # AWAY_CO2_ET
    20636: "etco2",  # CONC_AWAY_CO2_ET
    20666: "fico2",  # AWAY_CO2_INSP_MIN
    20646: "fico2",  # CONC_AWAY_CO2_INSP_MIN
    22539: "icp",  # PRESS_INTRA_CRAN_MEAN
    21368: "eto2",
    21036: "etn2o",
    21120: "fin2o",
    21024: "etsev",
    21108: "fisev",
    21028: "etiso",
    21112: "fiiso",
    21012: "etdes",
    21096: "fides",
    61534: "mac",  # CONC_AWAY_SUM_MAC_ET
    61514: "suppression_ratio",  # EEG_RATIO_SUPPRN
    61667: "ppv",  # PULS_PRESS_VAR
    61636: "temp_blad",  # TEMP_VESICAL
    61704: "temp_oral",
    61708: "temp_axil",
    **dict.fromkeys(range(61639, 61643), "temp"),  # TEMP_GEN_1 to 4, "T1" to "T4"
    63639: "tof_ratio",
    63659: "tof_count",
}
_WAVES = {
    18960: "abp_wave",  # PRESS_BLD_ART: the metric table has one arterial waveform
    22536: "icp_wave",  # PRESS_INTRA_CRAN
    19380: "pleth",
}
_BY_TERM = {
    one.mdc_code - _SCADA: name
    for name, one in METRICS.items()
    if one.mdc_code is not None and 0 < one.mdc_code - _SCADA < 65536
}

_UNITS = {
    512: "1",
    544: "%",
    1298: "mm",
    1618: "mL",
    1650: "mL",
    2528: "/min",
    2720: "/min",
    2752: "/min",
    2784: "/min",
    3072: "L/min",
    3090: "mL/min",
    3842: "hPa",
    3843: "kPa",
    3872: "mm[Hg]",
    3904: "cm[H2O]",
    3954: "mbar",
    4274: "mV",
    4275: "uV",
    4288: "Ohm",
    4384: "K",
    4416: "[degF]",
    6048: "Cel",
}


def numeric(code: int) -> str | None:
    """The metric of a number with the physiological identifier `code`."""
    name = _NUMERICS.get(code) or _BY_TERM.get(code)
    return name if name and not METRICS[name].is_waveform else None


def wave(code: int) -> str | None:
    """The metric of a waveform with the physiological identifier `code`."""
    name = _WAVES.get(code) or _BY_TERM.get(code)
    return name if name and METRICS[name].is_waveform else None


def unit(code: int) -> str:
    """The unit in UCUM; for one that no metric has, its number."""
    return _UNITS.get(code, str(code))
