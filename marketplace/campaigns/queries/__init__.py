"""What is asked about purchases arranged for many, and about plots."""
