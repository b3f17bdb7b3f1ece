"""OBD-II by an ELM327: what a car's control units tell, through the adapter that turns it into text."""
