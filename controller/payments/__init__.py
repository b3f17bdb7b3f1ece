"""What patients pay for what they take home: priced, the insurance asked, the rest paid, and paid back.

    payments = Payments(books, provider, currency)
    made = await payments.price(Purchase("RX00000001/1", "4711", "Muster, Anna"), items, by)
    made = await payments.check_coverage(Known(made.number, sight), CardNumber("A123456789"), by)
    made = await payments.pay(Known(made.number, sight), due, by)     # paid, failed, or not known yet
    made = await payments.take_back(Known(made.number, sight), by)    # nothing is paid, or all is paid back

What is asked of the provider is on the disk before it is asked, under a key that it never does twice
(docs/payments.md); what it did is asked for until it is known (settling.py).
"""
