"""Pixels: what an image says about them, and workers with limits that decode, render and transcode them.

picture.py   what a data set says of its pixels     codestream.py  what a compressed frame says of itself
syntaxes.py  transfer syntaxes: read, made          codecs.py      bytes of a frame → stored values
decoder.py   the pool that the service asks         encoders.py    stored values → a frame
kennel.py    the workers' processes                 shades.py      stored values → grey or colour of 8 bits
jobs.py      what goes over the wire to them        pictures.py    8 bits → JPEG, PNG, GIF of a size
zygote.py    forks workers, ends them               transcode.py   a whole file in another transfer syntax
worker.py    one job after the other, with limits   rehearsal.py   loads all before no file can be opened

The codecs are loaded in the zygote alone: bytes of strangers are decoded nowhere else.
"""
