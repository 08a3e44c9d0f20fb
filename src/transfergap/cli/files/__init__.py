"""Files of users, read as tables."""
