"""Rooms with pictures, measured: pages in Chromium, a real controller, a narrow network between them.

hall        a controller, a visit that is held, and the browser
party       one page in its room, and what it measured of itself
relay       coturn on loopback, behind a way for UDP that can be made narrow
bench       2, 4, 6 and 8 parties by mesh and by SFU; two over a narrow network, governed and not
drawing     how late what one draws is on the others' pictures
table       what is printed of rooms
command     all of it, as it is asked for
"""
