"""Conferences of experts about patients (MDT): asked for, agreed upon, held, concluded, signed, sent back.

states        how far a conference, an answer and a case may go
model         what is kept
specialities  what experts are for
directory     the experts, of partner sites too, and when they are there
books         the database, the time, the trail, and conferences by number
conferences   request, answer, move, begin, end
agenda        the cases: their order, and which is on now
sharing       what a patient agreed to: word for word, for whom, until when
items         what of a record is chosen for a case
images        which image of a case is shown to all in the room
sight         who may look into a case file, and when
casefile      what is read there
conclusions   what was concluded of each case, by whom it is signed, and who differs
document      that as FHIR
notices       what people are told, until they have read it
room          the room in which it is held
"""
