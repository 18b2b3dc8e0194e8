"""Questions that pages and services ask of the rows."""
