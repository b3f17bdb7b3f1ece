"""Plug-ins: programs that look at what was stored and say what a physician should look at first.

None of them diagnoses: what one finds is a Finding, with model, version and confidence, for review by a
physician. A process of its own (`python -m controller.imaging.plugins SETTINGS`) asks the archive what is
new, hence nothing that a plug-in does holds up storing; each run is a process, too, which may crash or hang.
"""
