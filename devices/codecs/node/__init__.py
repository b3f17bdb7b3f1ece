"""Wardlink's own node for digital inputs: doors, siren, stretcher."""
