"""What is decided about the common agenda, by noun."""
