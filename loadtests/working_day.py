"""How busy the hours of a working day are, beside each other: nobody at night, a dip at noon."""

HOURS = (0, 0, 0, 0, 0, 1, 2, 6, 12, 18, 20, 18, 10, 16, 20, 18, 14, 10, 6, 4, 3, 2, 0, 0)
"""From midnight on."""
