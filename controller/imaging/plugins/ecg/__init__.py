"""Electrocardiograms: beats, rhythm, and what of it a physician should look at. Pure; numpy alone."""
