"""What is written of a visit: notes while it is held, and the summary that is signed for the patient.

model       what notes and summaries say
writing     notes, each version kept
vitals      numbers of the room, taken over with device and time
prescribed  prescriptions that were signed in a visit
doses       how they are taken, in words for the patient
news        what pages in the room are told of it
summary     the summary: drafted of the notes, signed by a personal key, replaced by a new version alone
document    the summary as the FHIR R4 document that is signed
words       its titles, in both languages
plans       what a patient measures at home, as summaries say
"""
