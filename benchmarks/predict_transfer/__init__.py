"""Do cheap signals know the sign of the measured gap? See ``__main__``."""
