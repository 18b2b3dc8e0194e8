"""Differences: found in positions or noted, stated fairly, talked about, resolved."""
