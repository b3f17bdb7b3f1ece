"""SAE J1939 by an SLCAN adapter: what the control units of a lorry or van say on their CAN bus."""
