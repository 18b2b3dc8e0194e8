"""What people fill in about shared measurement."""
