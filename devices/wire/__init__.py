"""The contract between gateway, controller and firmware. `contract.cddl` is the truth.

keys.py      integer keys of the maps              (MicroPython-safe)
topics.py    MQTT topics                           (MicroPython-safe)
strict.py    decoding foreign CBOR
records.py   readings, waveforms, events, alerts, gaps as CBOR arrays
checksum.py  CRC-32C
block.py     the block: journal, lane, number, clock, records, checksum
messages.py  birth, state, receipt
cose.py      signed messages
orders.py    what is signed: command, configuration
ranges.py    sets of numbers as ranges
stream.py    sender and receiver as pure state machines
"""
