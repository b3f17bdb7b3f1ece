"""What is drawn on an image in the quick viewer, kept as a presentation state of the study (PS3.3, A.33).

marks      what the page sends           state    a presentation state made of it (pydicom)
scale      millimetres from pixels       shown    anybody's presentation state, to be drawn
images     what the page asks of images  handlers the routes of it all
"""
