"""Modbus RTU: registers of devices on an RS-485 line, read only."""
