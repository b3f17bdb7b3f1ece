"""Limits of one patient in a bed of a ward, in force at every gateway whose devices serve that bed.

beds      who lies where, as each gateway is to hold it
settle    brings each gateway's configuration up to date with that
told      what the gateways of a bed say that holds
limits    what people ask for, and what is shown of it
"""
