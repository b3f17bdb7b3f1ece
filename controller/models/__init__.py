"""Early warning beyond scores: a small model of deterioration, trained offline, shown beside NEWS2 for trial.

    cohort = read(folder)                           # cohort.py: files; or lake.py: the lake
    trained = train(cohort, Asked(seed=1), "2026-11-27")      # training.py: the one module with scikit-learn
    model = load(path)                               # model.py: JSON; scores in plain Python
    model.scored(model.look(history, at_ms))

It never raises an alarm and never stands in place of NEWS2: docs/models.md, docs/decisions/039-models.md.
"""
