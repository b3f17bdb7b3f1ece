"""Visits by video: agreed, consented to, entered by a link and a code, held, and what came of them.

states      how far a visit may go
model       what is kept of visits, consents and links
books       the database, the time, the trail
visits      book, move, begin, end
consents    what a patient agrees to, word for word; it only grows
words       those words
links       a link and a code let somebody into one visit
access      who came in by a link: a session that opens one visit and nothing else
"""
