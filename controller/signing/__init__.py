"""Signatures of persons: by a personal key that only its owner unlocks, provable without the controller."""
