"""Specialities of experts: codes of SNOMED CT, as HL7 FHIR R4 proposes them (c80-practice-codes)."""

from collections.abc import Mapping
from typing import NamedTuple


class Speciality(NamedTuple):
    """Its name in each language of the pages."""

    en: str
    zh: str


SYSTEM = "http://snomed.info/sct"
SPECIALITIES: Mapping[str, Speciality] = {
    "394579002": Speciality("Cardiology", "心内科"),
    "418112009": Speciality("Pulmonary medicine", "呼吸内科"),
    "394591006": Speciality("Neurology", "神经内科"),
    "394589003": Speciality("Nephrology", "肾内科"),
    "394584008": Speciality("Gastroenterology", "消化内科"),
    "394593009": Speciality("Medical oncology", "肿瘤内科"),
    "419815003": Speciality("Radiation oncology", "放射肿瘤科"),
    "394807007": Speciality("Infectious diseases", "感染科"),
    "394609007": Speciality("General surgery", "普通外科"),
    "394610002": Speciality("Neurosurgery", "神经外科"),
    "408466002": Speciality("Cardiac surgery", "心脏外科"),
    "408478003": Speciality("Critical care medicine", "重症医学科"),
    "394914008": Speciality("Radiology", "放射科"),
    "394597005": Speciality("Histopathology", "病理科"),
    "394537008": Speciality("Pediatric specialty", "儿科"),
    "394806003": Speciality("Palliative medicine", "缓和医疗科"),
}
"""By code."""
