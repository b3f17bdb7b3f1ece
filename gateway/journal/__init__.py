"""Blocks on disk, from the moment they are accepted until they have a receipt.

frames    how a block lies in a file: damage costs what it hits, and shows
segment   one file
files     one journal's files
recovery  what an earlier start left
journal   accept, read, forget, shed
keeper    the journal's thread
"""
