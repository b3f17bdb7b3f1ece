"""How well heart beats are found, and how many alarms of standstill are false, on public records.

records  PhysioNet's records: headers, samples, annotations
alarms   the box's alarms of a record, as it is and with its signals cut
table    what is measured, in lines
"""
