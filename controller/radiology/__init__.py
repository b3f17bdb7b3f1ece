"""What is asked of imaging, and what it answers: in the controller's own database, with the audit trail.

states      how far an order and a report may go from where they are (FHIR R4)
orders      orders: placed, scheduled, put on hold, revoked; completed by the images that arrive
reports     reports: every version is kept, signed ones go to whoever placed the order
document    a report as the FHIR DiagnosticReport that is signed
canonical   JSON that has one form (RFC 8785)
signing     signatures over it, and what checks them without the controller (JWS)
notices     who was told of a report, and who acknowledged a critical one
worklist    orders as the items of a modality worklist (PS3.4, K)
fhir        orders, reports and studies as FHIR R4 searchset Bundles
"""
