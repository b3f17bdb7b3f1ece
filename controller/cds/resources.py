"""A patient as FHIR R4 resources, as far as a service asks for it: what prefetch is answered with.

known = Resources(facts, genotypes, prescriptions, to_utc_ms, common_codes)
known.answer(Query("Patient"))            # a Patient; of a search a searchset Bundle; None: there are no data
"""

from collections.abc import Callable, Sequence
from typing import Any

from controller.cds.prefetch import Query
from controller.handover.coded import LOINC, UCUM, coding, concept, full, person, text, time, urn
from controller.patients import fhir
from controller.patients.genotypes import HGNC, Genotype
from controller.patients.measures import MEASURES
from controller.patients.model import KINDS, PatientFacts
from controller.prescriptions.document import document, medicine
from controller.prescriptions.model import Coded, Ingredient, Prescription

Json = dict[str, Any]
GENOTYPE, GENE = "84413-4", "48018-6"
"""LOINC: Genotype display name; Gene studied [ID]."""


def fhir_id(kind: str, name: str) -> str:
    """The id of a resource that is called `name` here: the same wherever we give it."""
    return urn(kind, name).removeprefix("urn:uuid:")


class Resources:
    """What is known of one patient at one moment. `to_utc_ms`: what its times lack to UTC."""

    def __init__(
        self,
        facts: PatientFacts,
        genotypes: Sequence[Genotype],
        prescriptions: Sequence[Prescription],
        to_utc_ms: int,
        common_codes: Callable[[Ingredient], Sequence[Coded]],
    ) -> None:
        self._common_codes = common_codes
        self._facts = facts
        self._genotypes = genotypes
        self._prescriptions = prescriptions
        self._to_utc_ms = to_utc_ms

    @property
    def patient_id(self) -> str:
        """FHIR's, of the Patient."""
        return fhir_id("Patient", self._facts.identifier)

    @property
    def reference(self) -> Json:
        """To the Patient."""
        return {"reference": f"Patient/{self.patient_id}", "identifier": {"value": self._facts.identifier}}

    def answer(self, query: Query) -> Json | None:
        """What prefetch has for it; None: there are no data, which the standard writes as null."""
        if query.kind == "Patient":
            return fhir.patient(self._facts)
        found = [one for one in self._all(query.kind) if _fits(one, query)]
        if not found:
            return None
        entries = [{"resource": one} for one in found[: query.most]]
        return {"resourceType": "Bundle", "type": "searchset", "total": len(found), "entry": entries}

    def _all(self, kind: str) -> list[Json]:
        match kind:
            case "AllergyIntolerance":
                found = fhir.allergies(self._facts, self._to_utc_ms)
                return [{**one, "patient": self.reference} for one in found]
            case "MedicationRequest":
                return [self.request(one, str(one.state)) for one in self._prescriptions]
            case _:
                return sorted(
                    [*self._measured(), *map(self._genotype, self._genotypes)],
                    key=lambda one: one["effectiveDateTime"],
                    reverse=True,
                )

    def request(self, rx: Prescription, status: str) -> Json:
        """A prescription as a MedicationRequest of our Patient, without what our own checks found."""
        made = {**document(rx), "id": rx.number, "status": status, "subject": self.reference}
        made["contained"] = [self._medication(rx)]
        return {name: value for name, value in made.items() if name != "detectedIssue"}

    def _medication(self, rx: Prescription) -> Json:
        """With the codes that others know its substances by: ours are of our own base."""
        made = medicine(rx.wanted.medicine)
        for part, one in zip(made.get("ingredient", []), rx.wanted.medicine.ingredients, strict=True):
            held = part["itemCodeableConcept"].setdefault("coding", [])
            known = [coding(code.system, code.code, code.display) for code in self._common_codes(one)]
            held += [code for code in known if code not in held]
        return made

    def _measured(self) -> list[Json]:
        found: list[Json] = []
        for kind in KINDS:
            value = getattr(self._facts, kind)
            if value is not None:
                what = concept(kind, coding(LOINC, MEASURES[kind].loinc))
                amount = {"value": value.value, "unit": value.unit, "system": UCUM, "code": value.unit}
                found.append(self._observation(kind, what, value.at_ms, value.by, valueQuantity=amount))
        return found

    def _genotype(self, one: Genotype) -> Json:
        """HL7 Genomics Reporting, Genotype: the gene as a component, the diplotype in words."""
        gene = concept(one.gene, coding(HGNC, one.hgnc, one.gene))
        part = {"code": concept("Gene studied", coding(LOINC, GENE)), "valueCodeableConcept": gene}
        what = concept("Genotype display name", coding(LOINC, GENOTYPE))
        more = {"valueCodeableConcept": concept(f"{one.gene} {one.value}"), "component": [part]}
        made = self._observation(f"genotype-{one.id}", what, one.at_ms, one.by, **more)
        return made | full(performer=[{"display": text(one.laboratory)}] if text(one.laboratory) else None)

    def _observation(self, name: str, what: Json, at_ms: int, by: str, **more: Any) -> Json:
        return full(
            resourceType="Observation",
            id=fhir_id("Observation", f"{self._facts.identifier}/{name}"),
            status="final",
            code=what,
            subject=self.reference,
            effectiveDateTime=time(at_ms + self._to_utc_ms),
            performer=[person(by)],
            **more,
        )


def _fits(one: Json, query: Query) -> bool:
    had = {
        "code": {part.get("code") for part in one.get("code", {}).get("coding", [])},
        "status": {one.get("status")},
        "clinical-status": {part["code"] for part in one.get("clinicalStatus", {}).get("coding", [])},
    }
    return all(had[name] & wanted for name, wanted in query.values.items())
