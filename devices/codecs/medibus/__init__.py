"""Draeger MEDIBUS and MEDIBUS.X: what Draeger's ventilators and anaesthesia machines speak."""
