-- The newest studies first, page by page, and how many there are: out of the index alone, also for who sees only
-- some patients' studies. With the dates alone, each study that a page skips was looked up: 2.3 instead of 0.3 ms
-- for the last of 5,000.
DROP INDEX study_date;
CREATE INDEX study_newest ON study (date, time, id, held, patient_id);
