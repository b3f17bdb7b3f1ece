-- What a laboratory found of a patient's genes (controller/patients/genotypes.py). It only grows: the newest row of a
-- gene counts; value '': what was entered was a mistake. Times are in the controller's time scale.
CREATE TABLE patient_genotype (
  id INTEGER PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patient,
  gene TEXT NOT NULL,                -- HGNC's symbol
  value TEXT NOT NULL,               -- in the laboratory's words: "*1/*2"
  laboratory TEXT NOT NULL,
  at_ms INTEGER NOT NULL,            -- of the laboratory's report
  stay INTEGER REFERENCES stay,      -- where the patient lay when it was entered
  by TEXT NOT NULL,
  said_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX patient_genotype_of ON patient_genotype (patient, gene, id);
CREATE TRIGGER patient_genotype_no_delete BEFORE DELETE ON patient_genotype
BEGIN SELECT raise(ABORT, 'what was said of a patient only grows'); END;
CREATE TRIGGER patient_genotype_no_update
BEFORE UPDATE OF gene, value, laboratory, at_ms, stay, by, said_ms ON patient_genotype
BEGIN SELECT raise(ABORT, 'what was said of a patient only grows'); END;
