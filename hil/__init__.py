"""Simulators, rigs, faults and benches: everything that exercises the product and ships nothing to a ward."""
