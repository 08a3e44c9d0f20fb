"""The command line: one file a verb. Nothing here computes; importing it imports no science."""
