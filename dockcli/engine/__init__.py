"""The engine room: makes sure of an engine, and runs a private one where there is none."""
