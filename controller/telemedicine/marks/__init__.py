"""What people draw on pictures in a room: pen, arrow, measured line, words, a label pinned to what is seen.

book        the marks of a room, kept while it is open
images      pictures of a record that a meeting shows to all: who may see one, and what is drawn on it
stills      pictures that are frozen, so that all draw on the same pixels: in memory only
service     what pages say of them, and who may
"""
