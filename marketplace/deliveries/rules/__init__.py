"""What may be sent, taken in, measured on the way, and put in the place of what is missing."""
