"""The stage of a descent; importing this package imports none of it, for the colours are wanted first."""
