-- What gateways found in reach (devices/model/found.py): the last report of each gateway and way is looked for.
CREATE INDEX device_event_found ON device_event (gateway, json_extract(detail, '$.way'))
WHERE device IS NULL AND kind = 'found';
