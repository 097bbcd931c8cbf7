"""Demand and supply notices and their matches."""
