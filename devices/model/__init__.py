"""The words of Wardlink: what was measured, by which device, how good it is."""
