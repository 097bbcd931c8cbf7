"""What there is of deliveries: goods on their way, the ways themselves, and cold stores."""
