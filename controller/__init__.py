"""The controller: takes every gateway's blocks, keeps them, and shows them to the people who must act."""
