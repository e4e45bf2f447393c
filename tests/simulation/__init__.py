"""Deterministic simulation: the real bot on virtual time, with a crash or a fault at every edge."""
