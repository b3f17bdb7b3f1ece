"""Simulated devices, a module for each family; each has SIMULATORS, by profile (`hil/sims/simulated.py`)."""
