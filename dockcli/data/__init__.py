"""Volumes as data: what would be lost, and how it is kept, moved and brought back."""
