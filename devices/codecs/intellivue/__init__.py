"""Philips IntelliVue patient monitors: the Data Export protocol, over a network or a serial line.

    datagram ─▶ message ─▶ Monitor (associate, poll, keep alive) ─▶ numerics, waves, alarms, identity
    serial bytes ─▶ serial_frame ─▶ the same

Source: Philips, IntelliVue Data Export Interface Programming Guide (4535 642 59271), here "Guide", as four
independent readers of it have it (jaj42/intellipy, xeonfusion/VSCaptureMP, mdpnp/mdpnp and
Koshsky/Intellivue-api), checked against the network recording of an M8000 in jaj42/intellipy.
"""
