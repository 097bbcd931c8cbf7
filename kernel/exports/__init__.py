"""Lists given out as files: a short one at once, a long one made by a task and fetched."""
