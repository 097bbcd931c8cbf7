"""What was reserved, ordered, accepted, paid and counted, as of an instant."""
