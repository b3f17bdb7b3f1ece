"""How many decimals each metric has on the node's line, where values are integers. Frozen for ever.

A metric that is not here, a node cannot tell. `firmware/core/table.py` is made of this and of metrics.csv.
"""

from collections.abc import Mapping

DECIMALS: Mapping[str, int] = {
    "hr": 0,
    "pr_spo2": 0,
    "spo2": 1,
    "pi": 2,
    "pleth": 0,
    "rr": 0,
    "rr_imped": 0,
    "rr_pleth": 0,
    "cuff_pressure": 1,
    "temp_body": 2,
    "temp_skin": 2,
    "temp_axil": 2,
    "ecg_i": 3,
    "ecg_ii": 3,
    "ecg_v": 3,
    "resp_wave": 0,
    "ambient_temp": 1,
    "ambient_humidity": 1,
    "ecg_raw": 0,
    "resp_raw": 0,
    "ppg_red": 0,
    "vehicle_voltage": 2,
    "o2_cylinder_pressure": 1,
    "suction_pressure": 1,
}
