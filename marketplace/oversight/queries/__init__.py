"""What is looked for, and which flags an actor may know of."""
