"""Laboratory results: critical ones, changes that a patient hardly makes, values that do not fit together.
Pure."""
