"""Codecs under damage: streams of every device, what happens to them on a bad line, and what must hold."""
