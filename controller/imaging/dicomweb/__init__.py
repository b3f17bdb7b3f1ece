"""DICOMweb: STOW-RS, QIDO-RS, WADO-RS (PS3.18, chapter 10)."""
