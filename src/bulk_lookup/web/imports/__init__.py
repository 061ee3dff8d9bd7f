"""Importing a list in the browser: the file, its columns, the report."""
