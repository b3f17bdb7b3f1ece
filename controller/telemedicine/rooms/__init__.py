"""Rooms in which people of a visit see and hear each other, and what is said there.

seat        one page of one person: a queue of what it has not confirmed
room        the seats of one room, and who tells whom: pure
talk        what was written there, kept
service     the rooms of one controller: seats keep their numbers when it is started again

Pictures and sound do not pass here: they go from page to page (WebRTC), by what the seats tell each other.
"""
