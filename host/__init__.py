"""What gateway and controller both have to do with their host: its supervisor, a collector of traces."""
