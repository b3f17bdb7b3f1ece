"""What the hospital knows of a patient beside where they lie: birth date, sex, allergies, weight, height,
creatinine, and the ward that looks after an out-patient.

register.py is the way in; who asks for one patient gets PatientFacts (model.py). That nothing is known of
allergies is never told as "no allergies": somebody has to say so.
"""
