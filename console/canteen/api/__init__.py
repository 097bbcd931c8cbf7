"""Pages of those who buy for a canteen, approve, receive and pay."""
