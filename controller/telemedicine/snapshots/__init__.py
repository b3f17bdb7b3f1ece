"""Pictures out of visits, on their way into the archive of images and afterwards.

book       their rows, with the lines of the trail
service    brings them into the archive, again after whatever ended
"""
