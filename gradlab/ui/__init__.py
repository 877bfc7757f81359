"""Qt building blocks that know the values of the engine, but no lab."""
