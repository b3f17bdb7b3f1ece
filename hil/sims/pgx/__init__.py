"""An EXAMPLE of a service of decision support, as somebody else would run it: genes and doses by CDS Hooks.

A process of its own that imports nothing of the controller and knows only what it is asked. Its rules
(rules.csv) are a small part of the guidelines of CPIC, by their published tables; NOT reviewed by a
pharmacist, not for care. What it does not know it says.
"""
