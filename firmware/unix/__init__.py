"""The node on a computer: MicroPython's unix port, a serial port, a file for flash. To try and to test."""
