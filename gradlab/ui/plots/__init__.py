"""Plots: plain arrays in, signals in data coordinates out; each sits in a PlotFrame."""
