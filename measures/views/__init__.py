"""Pages of shared measurement."""
