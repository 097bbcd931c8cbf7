"""A stand-in for Stripe over real HTTP, as far as Bangfu uses it: for tests and the demo."""
