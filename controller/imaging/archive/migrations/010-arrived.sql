-- Studies of which the controller has not been told yet, that the images of an order are there
-- (controller/imaging/telling.py). In the transaction that stores the first image, so that none is forgotten.

CREATE TABLE arrived (
  study INTEGER PRIMARY KEY REFERENCES study ON DELETE CASCADE
) STRICT;
CREATE TRIGGER study_arrived AFTER INSERT ON study
BEGIN INSERT INTO arrived VALUES (new.id); END;
