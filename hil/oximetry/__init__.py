"""The firmware's oximeter against fingers whose saturation and pulse are known: `python -m hil.oximetry`."""
