-- What robots said of themselves is kept for some days (controller/history/retention.py): what is older than this
-- time, ms in the controller's time scale, is gone.

INSERT INTO meta VALUES ('robots-dropped', 0);
