-- Readings at home that were not of the patient who lives there, as that patient says: shown as such, and left out of
-- every sum (controller/history/).

CREATE VIEW disowned AS
SELECT reading FROM home_said
WHERE said = 'not-mine' AND id = (SELECT max(id) FROM home_said AS later WHERE later.reading = home_said.reading);
