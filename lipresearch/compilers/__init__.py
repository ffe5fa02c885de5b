"""Compilers: one module per publisher, from published copies to compact tables, values unchanged."""
