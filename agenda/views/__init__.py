"""Pages of the common agenda, by noun."""
