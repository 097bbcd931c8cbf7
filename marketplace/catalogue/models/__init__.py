"""What there is of a catalogue: listings, and what hangs on them."""
