"""Standing orders and campaigns as JSON."""
