"""Trade: where the two judgements meet."""
