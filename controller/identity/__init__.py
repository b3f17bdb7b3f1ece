"""Whom the broker and the registration authority know: certificates, and how a gateway comes by its own."""
