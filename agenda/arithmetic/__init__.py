"""What the agenda reckons with, in plain Python."""
