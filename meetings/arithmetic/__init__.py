"""Arithmetic of meetings: plain Python, no Django."""
