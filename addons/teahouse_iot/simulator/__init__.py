"""Simulated devices that speak the real protocol over a real broker.

Written from the protocol alone and not from the gateway's code, so that each side
tests the other. One process holds a fleet of any size in one event loop.
"""
