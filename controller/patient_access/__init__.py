"""Patients who see their own medicines: with an access of their own that opens nothing else.

codes       the code of an invitation, of which a hash is kept
invitations a nurse, a physician or a pharmacist invites a patient
sessions    a patient's session, which is of another kind than those of staff
doses       what a patient takes when: pure
taken       what a patient says of it; it only grows
reminders   the times of doses as a calendar file: pure
"""
