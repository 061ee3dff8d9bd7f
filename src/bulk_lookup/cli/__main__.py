"""`python -m bulk_lookup.cli` is the command `bulk-lookup`."""

from bulk_lookup.cli.main import main

if __name__ == "__main__":
    main()
