"""What people fill in about meetings, by noun."""
