"""Releases of the gateways' software: a mirror that is checked before it is offered, and who is to run which.

mirror     takes over a repository (The Update Framework), after it was verified as a box would
offered    which releases it has
serve      lets enrolled gateways fetch from it
progress   what they said of the release that they are to run
cli        `wardlink controller software`
"""
