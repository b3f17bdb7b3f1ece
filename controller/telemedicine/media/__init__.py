"""The server that passes pictures on in rooms too large for a mesh (SFU): Debian's Janus, a child of ours.

config      its files, 0600, and its command
messages    what it says, checked: pure
janus       its API over a WebSocket on loopback
videoroom   one room of ours in one era: who sends, and who is shown whom
service     keeps it running, and tells the rooms whether it is there

Browsers never speak its API: what they say comes by the room's own signalling, from a seat of theirs.
"""
