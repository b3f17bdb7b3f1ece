"""Which scopes a token needs for which route. A route that is not here is for people: no token reaches it."""

from controller.security.scopes import Scope, parse_scopes

_WARD = "system/Device.rs system/Location.rs system/Observation.rs system/Patient.rs"
_LEDGER = "system/Provenance.rs"

_NEEDS = {
    "snapshot": _WARD,
    "events": _WARD,
    "bed": _WARD,
    "wards": "system/Location.s",
    "trends": "system/Observation.s",
    "waveforms": "system/Observation.s",
    "results": "system/Observation.s",
    "devices": "system/Device.s",
    "gateways": "system/Device.s",
    "inventory": "system/Device.s",
    "inventory-export": "system/Device.s",
    "inventory-device": "system/Device.r",
    "assign": "system/Device.u",
    "admit": "system/Encounter.c system/Patient.cu",
    "discharge": "system/Encounter.u",
    "ledger": _LEDGER,
    "ledger-export": _LEDGER,
    "ledger-journal": _LEDGER,
    "quarantine": _LEDGER,
    "metrics": "system/MeasureReport.s",
    "readiness": "system/MeasureReport.s",
    "quarantined-message": "system/Binary.r",
    "audit-export": "system/AuditEvent.s",
    "fhir-imaging-study": "system/ImagingStudy.s",
    "fhir-service-request": "system/ServiceRequest.s",
    "fhir-diagnostic-report": "system/DiagnosticReport.s",
    "fhir-invoice": "system/Invoice.s",
    "fhir-patient": "system/Patient.s",
    "fhir-allergy-intolerance": "system/AllergyIntolerance.s",
    "fhir-medication-request": "system/MedicationRequest.s",
    "fhir-medication-dispense": "system/MedicationDispense.s",
    "fhir-medication-administration": "system/MedicationAdministration.s",
    "fhir-supply-delivery": "system/SupplyDelivery.s",
    "fhir-task": "system/Task.s",
    "fhir-appointment": "system/Appointment.s",
    "fhir-encounter": "system/Encounter.s",
    "fhir-consent": "system/Consent.s",
    "fhir-composition": "system/Composition.s",
    "fhir-document-reference": "system/DocumentReference.s",
    "bulk-system": "system/BulkExport.c",
    "bulk-patients": "system/BulkExport.c",
    "bulk-group": "system/BulkExport.c",
    "bulk-status": "system/BulkExport.r",
    "bulk-file": "system/BulkExport.r",
    "bulk-delete": "system/BulkExport.d",
}
NEEDS = {route: parse_scopes(scopes) for route, scopes in _NEEDS.items()} | {"openapi": frozenset[Scope]()}
"""By name of the route, all of what it takes; nothing: any token that is valid."""

RESOURCES = tuple(sorted({scope.resource for scopes in NEEDS.values() for scope in scopes}))
"""Resource types that some route asks for; a token is not made for another."""

TECHNICAL = frozenset({"Device", "MeasureReport", "Provenance"})
"""Resource types of which engineers may let a program read: devices, the ledger and metrics, no patient's."""
