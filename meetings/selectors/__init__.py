"""What the pages of meetings show, by noun."""
