"""Gives out addresses that tell when they are followed, where the law allows it."""
