"""What can be done to the register of households."""
