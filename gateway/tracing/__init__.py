"""Traces of what this gateway does with some of its blocks, told by OTLP, if `[tracing]` says where."""
