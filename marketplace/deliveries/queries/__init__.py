"""What can be asked of deliveries."""
