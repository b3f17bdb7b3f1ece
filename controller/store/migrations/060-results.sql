-- Laboratory results are looked for by patient, over all analysers.
CREATE INDEX device_event_result ON device_event (json_extract(detail, '$.patient'), at_us)
WHERE kind = 'lab-result';
