"""Runs: the list, one run live, and what may be done with it."""
