"""What the demonstration shows of each condition, in modules of the apps' names."""
