"""One file a board: its pins and features, as plain constants of the same names. None: it has none."""
