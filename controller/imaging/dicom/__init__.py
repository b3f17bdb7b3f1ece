"""Reading DICOM files as far as an archive has to: headers as DICOM JSON, pixel data located and not read.

Pure: bytes (or a mapped file) in, values out. No input or output, no clock.
"""
