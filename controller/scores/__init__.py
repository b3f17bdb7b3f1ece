"""Scores of the patients on the beds: what people assess, what devices measure, what follows."""
