"""What the profiles of Puritan Bennett's ventilators share."""

SOURCE = (
    "Puritan Bennett 840 Operator's and Technical Reference Manual (10067720), RS-232 commands; "
    "980 Series Operator's Manual, 5.4.3, 5.4.4; gvilledavid/RTA-node-python, parsers/PB840; "
    "mdpnp/mdpnp, pb840.cpp and pb840.fields; hahnicity/ventMAP"
)
REPORTED = (
    "vent_rr_set",
    "vent_rr_total",
    "vent_vt",
    "vent_vt_insp",
    "vent_vt_spont",
    "vent_mv",
    "vent_mv_spont",
    "vent_pip",
    "vent_pmean",
    "vent_peep",
    "vent_peep_i",
    "vent_pplat",
    "vent_cstat",
    "vent_cdyn",
    "vent_raw",
    "vent_flow_exp",
    "vent_leak",
    "fio2",
)
REPORTS = (
    "Port settings are the ventilator's (Communication Setup; DCI, 9600 baud, 8N1 as delivered). fio2 is the "
    "measured oxygen, absent while the O2 sensor is off. Results of manoeuvres (vent_peep_i, vent_pplat, "
    "vent_cstat) are told when they change. Field 161 of a 980 is end-tidal CO2 by one source, without unit: "
    "it is told as UNMAPPED."
)
