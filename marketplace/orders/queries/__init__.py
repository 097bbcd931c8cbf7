"""What can be asked about orders: which there are, what one looks like, what is known before."""
