"""Requests of the command line.

A request has its options, and what they leave to be found.
"""
