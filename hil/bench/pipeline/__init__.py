"""The whole way of a reading under load: Wardlink, thingsboard-gateway, and what the machine itself can do.

Both gateways get the same readings of the same devices, both servers commit to SQLite with the same pragmas,
and both are driven by the same orders (`source`). What is not the same, and which way it leans:

- thingsboard-gateway's feeder and server (`feeder`, `stand_in`) speak MQTT to it directly and do as little as
  can be done; Wardlink has its real broker between gateway and controller, ledger, indexes and pages.
- Its connector has to receive JSON over MQTT. Wardlink's devices hand over readings inside the gateway's
  process, after the codec; `./run bench codecs` says what decoding costs.
- A reading counts as accepted once its device is told so: by thingsboard-gateway with PUBACK, by Wardlink
  when the journal's commit has returned (`Outlet.kept`). What a device was not told of, it still has: the
  feeder sends it again, Wardlink's devices do not count it.
- Its storage commits with `synchronous = NORMAL`, which a power cut may undo; Wardlink's journal syncs.
"""
