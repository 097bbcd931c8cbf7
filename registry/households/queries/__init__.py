"""What can be asked of the register of households, in the actor's sight."""
