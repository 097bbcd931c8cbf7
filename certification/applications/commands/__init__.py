"""Drafting and submitting, deciding, granting, and declaring what is produced."""
