-- Who closed a research project, or withdrew it: null where it was before this was kept; the audit trail has it.

ALTER TABLE research_project ADD COLUMN closed_by TEXT;
ALTER TABLE research_project ADD COLUMN closed_utc_ms INTEGER;
