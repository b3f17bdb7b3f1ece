"""What speaks against a prescription, from knowledge with a named source; and what could not be checked.

    knowledge = Knowledge((starter(), read_folder(Path("own-base"))))
    checked = check(knowledge, wanted, others, facts, today)
    checked.hints         each with an id over its content: an override names it
    checked.not_checked   never empty by accident: unknown substance, no weight, no data
    checked.sources       which bases were asked, and how little they know

Pure: no database, no clock. Nothing here claims to be complete.
"""
