"""What the profiles of Philips IntelliVue monitors share."""

METRICS = (
    *("hr", "pvc_rate", "st_ii", "rr", "spo2", "pr_spo2", "pi"),
    *("nibp_sys", "nibp_dia", "nibp_map", "pr_nibp", "abp_sys", "abp_dia", "abp_map", "cvp"),
    *("pap_sys", "pap_dia", "pap_map", "icp", "cpp", "temp_core", "temp_skin", "etco2", "fico2", "rr_co2"),
    *("ecg_ii", "ecg_v1", "pleth", "abp_wave", "resp_wave", "co2_wave"),
)
"""Of a usual set of modules; what else is measured comes too, by its physiological identifier."""

SOURCE = (
    "Philips, IntelliVue Data Export Interface Programming Guide (4535 642 59271), as read in "
    "jaj42/intellipy, xeonfusion/VSCaptureMP, mdpnp/mdpnp and Koshsky/Intellivue-api; recording of an "
    "M8000 (MP90 family, software G.01.80) in jaj42/intellipy"
)
