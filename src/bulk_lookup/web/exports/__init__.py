"""The exports page: what there is to download, a form for one more, and the files."""
