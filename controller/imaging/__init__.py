"""The archive of images: DICOM in, DICOM out, in processes of its own beside the controller.

dicom/     reading files                        dicomweb/  STOW, QIDO, WADO (PS3.18)
archive/   files, index, what is not let in     dimse/     C-STORE, C-FIND, C-MOVE, C-GET … (PS3.4, PS3.7)
decode/    pixels, in workers with limits       viewer/    OHIF, and what its pages need
"""
