"""Every paid fen split over the households and the cooperative behind the lot."""
