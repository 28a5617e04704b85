"""Clients of services outside."""
