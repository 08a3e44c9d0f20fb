"""Labels, checked and read as classes or numbers, alike in all files."""
