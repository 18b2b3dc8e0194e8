"""Writing out what is recorded, in tables that a spreadsheet opens and runs nothing of."""
