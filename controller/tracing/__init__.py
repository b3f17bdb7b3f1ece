"""Traces of what the controller does with some blocks, told by OTLP, if `[tracing]` says where."""
