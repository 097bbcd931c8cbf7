"""Administrative regions by date and the designations that give a product its origin kind."""
