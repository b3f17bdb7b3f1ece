"""Patients who see their own medicines, visits, measurements: an access of their own that opens nothing else.

codes       the code of an invitation, of which a hash is kept
invitations a nurse, a physician or a pharmacist invites a patient
sessions    a patient's session, which is of another kind than those of staff
doses       what a patient takes when: pure
taken       what a patient says of it; it only grows
reminders   what is to be done when, as a calendar file: pure
homes       places where patients live, with devices of their own
measured    what these measured, and what the patient says of it
looks       who looked at the record, out of the trail: pure
"""
