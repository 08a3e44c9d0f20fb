"""Sources: rows, files, models and tasks, checked beside the target."""
