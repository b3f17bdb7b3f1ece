"""Drivers of sensors, and what is made of their numbers. Each gives a number, or the reason for none."""
