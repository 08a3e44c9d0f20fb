"""Figures, drawn as SVG or by matplotlib."""
