"""A better connection from the mobile network while a patient deteriorates: CAMARA Quality-On-Demand 1.1.0.

need       when it is wanted
session    what to ask the operator for, and when
wire       what is asked and answered, as the published document has it
operator   the operator, as the gateway calls it
demand     all of it, running
"""
