"""Turns lines into facts with their history, and publishes checked snapshots."""
