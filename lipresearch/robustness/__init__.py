"""How far a ranking can move: other methods, less evidence, other weights, other people. Pure: no files."""
