"""A request of the command line: its options, and what they leave to be found."""
