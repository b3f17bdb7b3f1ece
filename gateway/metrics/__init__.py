"""The gateway observed: what an agent on the same box reads at /metrics, if `[metrics]` is configured.

A scrape reads the counters that the gateway itself goes by, most of which its state tells the controller.
"""
