"""What runs on the node itself, for MicroPython; and `build`, which makes its images."""
