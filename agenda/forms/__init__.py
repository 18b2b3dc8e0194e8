"""What people write on the pages of the common agenda, by noun."""
