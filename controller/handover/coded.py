"""The codes and shapes of FHIR R4 that the document is made of: plain dictionaries, nothing empty in them.

HL7 FHIR R4 (4.0.1): datatypes; vital signs profiles (observation-vitalsigns). Codes are given only where they
are certain: LOINC and UCUM of devices/model/metrics.csv, IEEE 11073-10101, and those listed here.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from controller.clock import utc_text
from devices.model.metrics import METRICS, Metric
from devices.model.observation import NoValue
from devices.model.spelled import reason_name

Json = dict[str, Any]

HL7 = "http://hl7.org/fhir/StructureDefinition/"
TERMS = "http://terminology.hl7.org/CodeSystem/"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
MDC = "urn:iso:std:iso:11073:10101"

_OURS = UUID("8d6f2c35-0c1a-5f0e-9f6b-2f1c7f0f5b7a")
"""The namespace of our names (RFC 9562, version 5); drawn once."""

_NO_BODY = ("temp_airway", "temp_skin")
"""The temperature of breathing gas, or of the skin, is not the body's."""
MAGIC: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("hr", "pr_spo2", "pr_nibp", "pr_ibp"), ("heartrate", "8867-4")),
    **dict.fromkeys(("rr", "rr_imped", "rr_co2", "rr_pleth"), ("resprate", "9279-1")),
    "spo2": ("oxygensat", "2708-6"),
    **{name: ("bodytemp", "8310-5") for name in METRICS if name.startswith("temp") and name not in _NO_BODY},
    "weight": ("bodyweight", "29463-7"),
    "height": ("bodyheight", "8302-2"),
    "bmi": ("bmi", "39156-5"),
}
"""Profile and the LOINC that it wants beside any more exact one, by metric."""
UNITS: Mapping[str, str] = {
    **{"8867-4": "/min", "9279-1": "/min", "2708-6": "%", "8310-5": "Cel", "29463-7": "kg"},
    **{"8302-2": "cm", "39156-5": "kg/m2", "8480-6": "mm[Hg]", "8462-4": "mm[Hg]", "8478-0": "mm[Hg]"},
    **{"9269-2": "{score}", "9267-6": "{score}", "9270-0": "{score}", "9268-4": "{score}"},
    **{"30525-0": "a", "3151-8": "L/min"},
}
"""The unit of each LOINC that is not, or not only, from the metric table: profiles, scores, age."""

_ABSENT = {
    **dict.fromkeys((NoValue.SENSOR_OFF, NoValue.NO_CONTACT, NoValue.MEASURING), "temp-unknown"),
    **dict.fromkeys((NoValue.FAILED, NoValue.INVALID, NoValue.REJECTED), "error"),
    **dict.fromkeys((NoValue.OVERFLOW, NoValue.UNDERFLOW), "error"),
}


def urn(*name: object) -> str:
    """The URN of what has this name: always the same."""
    return f"urn:uuid:{uuid5(_OURS, '/'.join(map(str, name)))}"


def full(**members: Any) -> Json:
    """A dictionary without what is None, "" or empty: FHIR has neither nulls nor empty arrays."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {}, ())}


def text(words: str) -> str:
    """A string as FHIR has them: no control characters, no other white space than blanks and new lines."""
    return "".join(_character(one) for one in words).strip()


def _character(one: str) -> str:
    if one in "\n ":
        return one
    if one.isspace() or one == "\ufeff":
        return " "
    return "" if unicodedata.category(one) in ("Cc", "Cs", "Cn") else one


def time(at_ms: int) -> str:
    """ms since 1970 as an instant with its zone."""
    return f"{utc_text(at_ms * 1000)[:-4]}Z"


def period(from_ms: int, to_ms: int | None) -> Json:
    """From then until then; None: it goes on."""
    return full(start=time(from_ms), end=None if to_ms is None else time(max(from_ms, to_ms)))


def number(value: float) -> int | float:
    """Without a fraction that says nothing, to a hundred-thousandth."""
    rounded = round(value, 5)
    return int(rounded) if rounded == int(rounded) else rounded


def quantity(value: float, unit: str) -> Json:
    """`unit` is UCUM."""
    return {"value": number(value), "unit": unit, "system": UCUM, "code": unit}


def coding(system: str, code: str, display: str = "") -> Json:
    """A Coding."""
    return full(system=system, code=code, display=display)


def concept(words: str, *codings: Json) -> Json:
    """A CodeableConcept: `words` always say what it is."""
    return full(coding=list(codings), text=text(words))


def loinc(words: str, code: str) -> Json:
    """A CodeableConcept with one LOINC code."""
    return concept(words, coding(LOINC, code))


def metric_concept(metric: Metric, words: str) -> Json:
    """What was measured, in every code that is known of it."""
    codes = dict.fromkeys(code for code in (MAGIC.get(metric.name, ("", ""))[1], metric.loinc) if code)
    codings = [coding(LOINC, code) for code in codes]
    if metric.mdc_code is not None:
        codings.append(coding(MDC, str(metric.mdc_code), metric.mdc_refid or ""))
    return concept(words, *codings)


def absent(code: str, words: str) -> Json:
    """Why there is no value: `code` of data-absent-reason."""
    return concept(words, coding(f"{TERMS}data-absent-reason", code))


def no_value(reason: int | None) -> Json:
    """The same, of a reading; None: it was never said why."""
    if reason is None:
        return absent("unknown", "no value")
    return absent(_ABSENT.get(NoValue(reason), "unknown"), reason_name(reason))


def unknown() -> Json:
    """The extension that says that nobody knows."""
    return {"extension": [{"url": f"{HL7}data-absent-reason", "valueCode": "unknown"}]}


def notes(*words: str) -> list[Json]:
    """Annotations."""
    return [{"text": one} for one in map(text, words) if one]


def device_resource(device: str, profile: str | None, **members: Any) -> Json:
    """A Device by the name that it has here; `profile`: its model; None: nobody ever said."""
    return full(
        resourceType="Device",
        identifier=[{"value": text(device)}],
        deviceName=[{"name": text(device), "type": "user-friendly-name"}],
        type=concept(profile) if profile else None,
        note=notes("" if profile else "Which model it is is not known"),
        **members,
    )


def person(name: str | None) -> Json | None:
    """Somebody of whom only the name of the login is known."""
    return {"display": text(name)} if name and text(name) else None


def people(names: Iterable[str | None]) -> list[Json]:
    """Several of them."""
    return [one for one in map(person, names) if one]
