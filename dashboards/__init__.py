"""Dashboards for other people's software, written as code."""
