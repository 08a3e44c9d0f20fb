"""The command line: one file a verb, without computation.

Importing it imports no science.
"""
