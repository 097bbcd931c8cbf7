"""Kills, cuts and races against real servers, each with a control that must fail."""
