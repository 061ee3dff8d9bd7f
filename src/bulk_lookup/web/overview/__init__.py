"""The dashboard: how much is done, beside what was spent, what is going on, and what waits for a person."""
