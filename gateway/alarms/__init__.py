"""The gateway's alarms, raised where they arise: no network is needed for any of them.

technical      what is wrong with devices, links, disk, clock and orders
limits         which values of a patient are alarms, after how long, of whom
physiological  the state machine of those: onset, escalation, acknowledgement, latching
kept           those that are active, over restarts
bedside        all of that at work
"""
