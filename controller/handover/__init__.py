"""Handing a patient over: all of a ride and an arrival as one document.

case           what a hand-over tells: one patient's way through places, whole
reading        it, from the database
fhir           it, as a FHIR R4 document Bundle; coded, measured, treated, course: its parts
pdf            it, as one page to print; curves draws the trends on it
words          what is printed, in English and Chinese
"""
