"""What controllers tell each other through the broker; no gateway may publish there or listen."""

LIVE = "wl/1/controller/live"
"""What one of them has committed, and of what the pages have to ask anew."""
