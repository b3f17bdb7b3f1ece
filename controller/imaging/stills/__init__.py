"""What is no DICOM becomes DICOM: pictures of an ambulance's crew, and what somebody adds with consent.

picture.py    what a file is, and its pixels    unpack.py    a process of its own that decodes, with limits
still.py      a crew's picture as an instance   imported.py  somebody's JPEG, PNG or PDF as an instance
snapshot.py   a picture out of a visit, bare and as people drew upon it
intake.py     what is answered over HTTP        about.py     what is said of a file, checked
"""
