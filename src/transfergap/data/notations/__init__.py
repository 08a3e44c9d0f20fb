"""Values as people write them: numbers, dates, marks of missing ones."""
