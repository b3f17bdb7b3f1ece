"""What a node can measure. Made of metrics.csv and decimals.py by `firmware.build --table`.

By number: decimals; plausible from and to, possible from and to, in those; the unit (UCUM).
"""

TABLE = {
    1: (0, (20, 300, 0, 350), "/min"),  # hr
    2: (0, (20, 300, 0, 400), "/min"),  # pr_spo2
    5: (1, (500, 1000, 0, 1000), "%"),  # spo2
    6: (2, (2, 2000, 0, 4000), "%"),  # pi
    7: (0, (None, None, 0, 65535), "1"),  # pleth
    8: (0, (3, 80, 0, 200), "/min"),  # rr
    9: (0, (3, 80, 0, 200), "/min"),  # rr_imped
    11: (0, (3, 80, 0, 200), "/min"),  # rr_pleth
    12: (0, (None, None, -32768, 32767), "Ohm"),  # resp_wave
    20: (1, (0, 3000, 0, 3300), "mm[Hg]"),  # cuff_pressure
    35: (2, (3000, 4300, 0, 5000), "Cel"),  # temp_body
    37: (2, (2000, 4200, 0, 5000), "Cel"),  # temp_skin
    41: (2, (3000, 4300, 0, 5000), "Cel"),  # temp_axil
    42: (3, (-5000, 5000, -10000, 10000), "mV"),  # ecg_i
    43: (3, (-5000, 5000, -10000, 10000), "mV"),  # ecg_ii
    120: (1, (-400, 600, -1000, 1500), "Cel"),  # ambient_temp
    121: (1, (0, 1000, 0, 1100), "%"),  # ambient_humidity
    122: (0, (None, None, -2147483648, 2147483647), "1"),  # ecg_raw
    123: (0, (None, None, -2147483648, 2147483647), "1"),  # resp_raw
    124: (0, (None, None, -2147483648, 2147483647), "1"),  # ppg_red
    197: (3, (-5000, 5000, -10000, 10000), "mV"),  # ecg_v
    274: (2, (900, 3200, 0, 7000), "V"),  # vehicle_voltage
    280: (1, (0, 2500, -10, 10000), "bar"),  # o2_cylinder_pressure
    282: (1, (0, 1010, -100, 1100), "kPa"),  # suction_pressure
}
