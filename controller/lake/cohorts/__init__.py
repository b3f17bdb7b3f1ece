"""Cohorts: how many admissions are as a definition says, over months of the lake, in seconds.

    definition = CohortDefinition.model_validate_json(text)     # definition.py
    compiled = compiled_of(definition)                          # compiling.py: SQL and parameters
    found = asked(folder, definition, clock)                    # asking.py: needs the extra `data`
    version = await Cohorts(store, clock).save(Saved("low-spo2", definition), by)     # kept.py

Only `asking` needs DuckDB.
"""
