"""Data that leave for reports and research: Parquet files beside the store, and what is made of them.

    written = write(database, folder, Now(utc_us))      # controller/lake/building.py: one generation more
    problems(database, folder)                          # controller/lake/check.py: shares no code with it
    wardlink lake query "SELECT metric, count(*) FROM observation GROUP BY 1"

Only what is named `building`, `parts`, `asking`, `check` and `research.release` needs pyarrow and DuckDB, the
extra `data`: the controller itself starts without them.
"""
