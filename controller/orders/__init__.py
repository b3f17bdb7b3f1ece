"""What people ask of gateways from afar: commands and configurations, kept, signed, sent."""
