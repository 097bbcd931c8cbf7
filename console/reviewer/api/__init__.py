"""Pages of those who check, certify, inspect and answer: town, county, city and province."""
