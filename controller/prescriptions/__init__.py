"""What is prescribed, handed out, carried and given: in the controller's own database, with the audit trail.

states      how far each may go from where it is (FHIR R4)
model       a prescription; amounts as exact decimals
timing      when doses are due
document    a prescription as the FHIR MedicationRequest that is signed
prescribing drafts, their change, signing, stopping
keyed       with personal keys and the checks
checking    asks the checks
set_up      the site's own knowledge and formulary
signatures  what signs and checks, and what was signed, kept for ever
tasks       the pharmacy's queue
dispense    packs for a prescription, the second check, completion
products    what the pharmacy has: products by GTIN, recalled batches
medicines   what can be prescribed, found while a person types
gs1         what a pack's barcode says
given       what is due, and what was given, as they stand
delivered   what is on its way, as it stands
people      who stands at a drawer or a bed
delivery    how it comes to the patient; codes, queue numbers, drawers
cold        what must stay cold on its way: boxes, readings, judgement
custody     who had it, where, from when on
repeats     what may still be handed out, and when it is due
endings     completion by itself
rounds      what is due on a ward, and what was given
alone       what two give and one gave, and who looked at it afterwards
notices     what a prescriber is told
pharmacy_notices  what the pharmacy is told, and what expires while it waits
fhir        all of it as FHIR R4 searchset Bundles
"""
