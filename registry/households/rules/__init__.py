"""What is allowed on the register of households, and what follows."""
