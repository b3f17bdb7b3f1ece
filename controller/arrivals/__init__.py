"""What comes to this hospital by road: where a vehicle is, when it arrives, and what its crew asks for."""
