"""Designs, arms, trials, stores and executors: from a problem to trials."""
