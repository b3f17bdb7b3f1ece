"""The crew's page of a vehicle: what its devices measure, on the box's own network, with no other network.

config    `[crew]`
people    names and PINs; throttle, sessions: who is let in, and for how long
tls       the box's own small authority, for tablets
board     what is true now; trends: of the last day (trend_file); scoring, oxygen: what follows of it
live      all that, sent to the pages that are open
case      the patient on board; content: what is known of them
server    HTTP; routes: what is answered; guard: to whom; pages, shell: the page's own files
crew      all of that at work
"""
