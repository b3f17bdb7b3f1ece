"""Rooms in which people of a meeting, a visit or another, see and hear each other, and what is said there.

seat        one page of one person: a queue of what it has not confirmed
room        the seats of one room, and who tells whom: pure
talk        what was written there, kept
meeting     what a room is of: a visit, or another kind
mode        whether pictures go from each to each, or by a server: pure
service     the rooms of one controller: seats keep their numbers when it is started again

Pictures and sound do not pass here: they go from page to page (WebRTC), by what the seats tell each other, or
by a server beside the controller (../media).
"""
