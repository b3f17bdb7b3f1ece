"""The controller observed: what Prometheus reads at /metrics, and whether the controller is ready.

    taken = Taken()                       # the intake counts there what it has committed
    text = await expose(app)              # all of it, in Prometheus' text format

A scrape reads the counters that the product itself goes by; only what nothing else counts is counted here. No
name and no label is of a patient, a bed or a person: labels are lanes, reasons, routes, wards and gateways.
"""
