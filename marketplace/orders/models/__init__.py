"""What there is of an order, its re-binding, and the goods an order may be placed for."""
