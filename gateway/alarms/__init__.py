"""The gateway's alarms, raised where they arise: no network is needed for any of them.

technical      what is wrong with devices, links, disk, clock and orders
values         which values a device gave and gives no more
limits         of which conditions (devices/model/alarm_limits) a value speaks, and against what
patients       limits that were moved for one patient, until that patient leaves
ward           who lies in the beds of a ward, as the controller says
onset          what is beyond a limit and no alarm yet, and what speaks against it
alarm          one that is active
physiological  the state machine of those: onset, escalation, acknowledgement, latching
rhythm         heart beats in waveforms: standstill and extreme rates
kept           what is in force, over restarts
bedside        all of that at work
"""
