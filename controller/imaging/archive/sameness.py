"""Whether two files are one instance: what its last sender wrote about the transfer may differ.

The file meta information (PS3.10, 7.1) names who wrote the file and who sent it: an instance that comes by
DICOMweb and again by C-STORE has another. It is the same if transfer syntax and data set are.
"""

from typing import Final

from controller.imaging.archive.files import Files
from controller.imaging.dicom.part10 import begin_of_data
from controller.imaging.errors import BadDicom, CannotRead

LARGEST: Final = 256 << 20
"""Bytes of a file that is compared: both are held."""


def same_data(files: Files, one: bytes, other: bytes, size: int) -> bool:
    """Whether the files `one` and `other` (SHA-256) differ in their meta information at most; `size`: of one
    of them, bytes. To be called in a thread.
    """
    if size > LARGEST:
        return False
    try:
        ours, theirs = files.whole(one), files.whole(other)
        our_syntax, at = begin_of_data(ours)
        their_syntax, there = begin_of_data(theirs)
    except (CannotRead, BadDicom):
        return False
    return our_syntax == their_syntax and memoryview(ours)[at:] == memoryview(theirs)[there:]
