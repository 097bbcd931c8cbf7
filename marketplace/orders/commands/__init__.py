"""What can be done with an order: placing it, and deciding on it afterwards."""
