"""Decision support by standard: CDS Hooks 2.0 (HL7), as a client of services and as one itself.

section   `[cds]` of the configuration
model     services, requests, cards, feedback: the shapes of the standard, and what of an answer is taken
wire      an answer of a service, read; rubbish is refused whole
keys      the controller's own key for JWTs (ES384), and what it signs with it
trust     JWTs of known clients
http      a service over HTTP: late, too long, wrong is "not checked"
prefetch  the templates that services ask for, and those that we answer
resources a patient as FHIR R4 resources, for prefetch
context   the context of each hook
looks     what was asked and shown, kept for ever
desk      asks all services of a hook at once
feedback  tells services what became of their cards
orders    a MedicationRequest of somebody else, read for our own checks
served    our own services
"""
