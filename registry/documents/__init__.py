"""Papers handed in, by content hash, with validity."""
