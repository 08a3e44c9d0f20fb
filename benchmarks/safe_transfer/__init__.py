"""What SafeTransfer keeps of the gain that the best choice of sources gives, and what it harms."""
