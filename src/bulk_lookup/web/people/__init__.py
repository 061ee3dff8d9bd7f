"""People: first run, sign-in, members and invitations, one's own account."""
