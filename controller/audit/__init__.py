"""The audit trail: who did what, to whom, when, from where and why. It only grows."""
