"""Words every room shares; not one business term."""
