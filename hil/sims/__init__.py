"""The simulated ward: patients who replay recordings, and the devices at their beds."""
