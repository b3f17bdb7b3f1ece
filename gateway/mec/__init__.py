"""The controller at the network's edge, as a platform of multi-access edge computing tells: ETSI GS MEC 011.

config     where the platform is
wire       what it answers, as the published document has it
edge       the platform, as the gateway asks it while it runs
"""
