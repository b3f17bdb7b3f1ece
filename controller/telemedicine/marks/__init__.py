"""What people draw on pictures in a room: pen, arrow, measured line, words, a label pinned to what is seen.

book        the marks of a room, kept while it is open
stills      pictures that are frozen, so that all draw on the same pixels: in memory only
service     what pages say of them, and who may
"""
