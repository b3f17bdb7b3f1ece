"""What is kept: files by their hash, the index over them, and what was not let in."""
