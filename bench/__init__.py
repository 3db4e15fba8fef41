"""Figures as ratios of two medians of one run; never a timed test."""
