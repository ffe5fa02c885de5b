"""Comparing sites: who can stand for whom, how well a set stands for all, and how many sites a study needs."""
