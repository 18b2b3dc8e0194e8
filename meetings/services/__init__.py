"""What people decide about meetings, by noun."""
