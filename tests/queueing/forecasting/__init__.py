"""Tests of the parts of a forecast."""
