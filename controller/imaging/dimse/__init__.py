"""The DIMSE services, in a process of their own (PS3.4, PS3.7): a thin door before DICOMweb."""
