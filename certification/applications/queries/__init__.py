"""Which applications there are, what belongs to one, what waits for whom, what conflicts."""
