"""MQTT topics between the controller and a city's adapter for traffic lights.

The adapter is let in as gateways are, under the name CITY: by a claim, with a certificate of its own. It may
read requests and publish answers, and nothing else; no other gateway may do either.
"""

CITY = "city"
"""The adapter's name among the gateways."""
REQUESTS, ANSWERS = f"wl/1/{CITY}/srm/", f"wl/1/{CITY}/ssm/"
"""Signal requests and what is answered, each before the name of a vehicle."""
