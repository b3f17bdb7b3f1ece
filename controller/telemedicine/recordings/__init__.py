"""Recordings of a room: only with everybody's consent, sealed in the page, kept for a while, then erased.

states      how far a recording may go
model       what is kept of recordings, of what was said to them, of runs and chunks
words       what staff and guests agree to
live        who has agreed, and what follows from that: pure
books       rows by number
vault       files and keys
seal        how a chunk is sealed, and to which place
chunks      takes a chunk, if it is of its place and of a time when everybody had agreed
service     asks, listens, begins and stops
endings     retention, and erasure on demand: the key is destroyed
erasures    demands that somebody has to answer
watching    what can be played: stretches, and where something is missing
film        one stretch as a player takes it
shelf       both, for who looks
webm        as much of that format as is needed

The page of who records (web/public/room/recording/) draws, mixes, seals and sends; the controller never has
pictures or sound in the clear but in memory, when a chunk is checked or played.
"""
