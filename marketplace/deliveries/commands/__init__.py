"""What can be done with goods: send them, take them in or turn them away."""
