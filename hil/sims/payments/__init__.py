"""A payment provider that is none: the protocol of docs/payments.md, written from that page alone.

python -m hil.sims.payments --secret-file FILE [--callback URL] [--port 0]      # prints its port
"""
