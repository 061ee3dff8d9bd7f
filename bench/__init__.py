"""The benchmarks: `python -m bench` prints one table, each line beside its peer and its limit, measured in the same run."""
