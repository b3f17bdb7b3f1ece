"""Partner sites: hospitals with their own controllers, data and authority, that treat patients together.

    card ─ pasted on both sides, its fingerprint compared by telephone ─▶ book.py      who is a partner
    change ─ one transaction ─▶ outbox.py ─▶ sender.py ─ mutual TLS 1.3, POST with a number ─▶ door.py
                                    ▲                                                            │
                                    └────────── receipt: taken, or refused and why ◀── inbox.py ─┘

Each side keeps its own data and its own trail. What goes out of a patient rests on a consent that names the
partner, checked in the transaction that queues it (consents.py); what came is a copy that says whose it is.
"""
