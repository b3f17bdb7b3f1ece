"""How quickly a bed's last day opens, with weeks in the store, and what history costs the intake."""
