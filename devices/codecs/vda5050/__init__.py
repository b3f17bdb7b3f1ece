"""VDA 5050: a master control and its automated guided vehicles, over MQTT; versions 2.0, 2.1 and 3.0.

Messages: `messages.py` (decode, encode); topics: `topics.py`; what an order must be: `rules.py`; how an order
goes on: `stitching.py`; actions and their states: `actions.py`; a vehicle without its wheels: `vehicle.py`.
"""
