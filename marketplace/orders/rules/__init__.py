"""What is allowed with orders: placing and deciding, and binding them to another unit."""
