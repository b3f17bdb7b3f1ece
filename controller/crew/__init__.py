"""Crews of vehicles and the hospital: what they tell at the box becomes true here, and what is said to them.

speakers       which gateway may speak for which vehicle
told           what a box told, as it is kept
patients       stays, from what a box told of them
taken          assessments, requests and the rest: each to its stay
follower       takes all of it over, once, in whatever order it comes
offers         whom crews offer to the hospital
takeover       the hospital takes one of them over
ride           where the patient on a bed came from
instructions   what a physician asks of a crew, and how far it has come
watching       who looks on
entries        what is told of a patient, for the timeline and the hand-over
timeline       what is shown of all this
"""
