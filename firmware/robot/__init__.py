"""A small robot base: what stops it is decided here, in the base, and never by the host alone."""
