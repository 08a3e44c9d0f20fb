"""Words and numbers of reports."""
