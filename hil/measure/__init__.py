"""What a rig measures, as pure functions: delays, waveforms, accuracy, batteries, recovery."""
