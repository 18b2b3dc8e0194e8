"""What the pages of the common agenda show, by noun."""
