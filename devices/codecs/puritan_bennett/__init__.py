"""Puritan Bennett 840 and 980 ventilators: reports on request on one port, flow and pressure on another."""
