"""What biomedical engineers record of devices: labels, records, pairing, batches, decommissioning.

`Inventory` is the service behind the command line and the page; `Watch` looks after what devices do.
"""
